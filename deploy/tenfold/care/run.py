"""Run the care demo: a database and keys of its own in a temporary folder, gone at the end."""

import asyncio
import tempfile
import time
from pathlib import Path

from rich.console import Console

from deploy.tenfold.care.played import Played, as_json, clinic
from deploy.tenfold.care.show import cast, line, show
from deploy.tenfold.care.women import DAYS
from deploy.tenfold.demo_show import Bars
from deploy.tenfold.talking_status import terminal
from shared import clock

PLAYING = "Nine months"


def care(*, as_one_line: bool) -> int:
    """Play it. Exit code 1 where something did not go as it must."""
    began = time.monotonic()
    console, bars = terminal(stderr=as_one_line), Bars()
    console.print(cast())
    bars.start()
    try:
        played = asyncio.run(play(console, bars))
    finally:
        bars.stop()
    whole = show(console, played)
    console.print(f"{time.monotonic() - began:.1f} s")
    if as_one_line:
        print(as_json(played), flush=True)  # noqa: T201 - the answer itself, bare
    return 0 if whole else 1


async def play(console: Console, bars: Bars) -> Played:
    """Nine months and a little, from today on."""
    with tempfile.TemporaryDirectory(prefix="tenfold-care-") as folder:
        async with clinic(Path(folder), clock.today()) as playing:
            return await playing.play(
                lambda told: console.print(line(told), soft_wrap=True),
                lambda day: bars.phase(PLAYING, day, DAYS),
            )
