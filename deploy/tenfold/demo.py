"""`tenfold demo`: start everything, play a made-up county through the public API, account for all of it.

The supervisor needs the main thread; the county is played in a thread of its own, over HTTP like any caller.
"""

import asyncio
import json
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field

from deploy.tenfold.demo_codes import login_codes, show_codes
from deploy.tenfold.demo_folder import NotADemo, empty
from deploy.tenfold.demo_reach import Citizen, Reach
from deploy.tenfold.demo_run import Watch, publish_months, run
from deploy.tenfold.demo_show import Bars, show, show_ways
from deploy.tenfold.layout import Layout
from deploy.tenfold.process_lock import FolderInUse
from deploy.tenfold.starting import start
from deploy.tenfold.talking_status import terminal
from deploy.tenfold.talking_trouble import complain, errors, in_plain_words

INTERRUPTED = 130
STARTING = "Start all processes"


def demo(layout: Layout, people: int, days: int, *, once: bool, as_json: bool) -> int:
    """Run the demo in its own data folder, emptied first. Exit code 1 if anything is unaccounted for or not as planned,
    130 if it was interrupted before that was known."""
    try:
        empty(layout.data)
    except (NotADemo, FolderInUse) as refusal:
        complain(str(refusal))
        return 1
    errors.print(f"A county of {people:,} people and {days} days of its life. Nobody in it exists.", style="bold")
    play = Play(layout, people, days, once, as_json)
    playing = Playing(play)
    play.bars.start()
    play.bars.phase(STARTING, 0, 1)

    def ready() -> None:
        play.watch.lap("starting")
        play.bars.phase(STARTING, 1, 1)
        playing.thread.start()

    try:
        start(layout, ready)
    finally:
        playing.cancel()
        play.bars.stop()
    return INTERRUPTED if playing.code is None else playing.code


@dataclass
class Play:
    """What is played, and where it is shown."""

    layout: Layout
    people: int
    days: int
    once: bool
    as_json: bool
    watch: Watch = field(default_factory=lambda: Watch(time.monotonic(), {}))
    bars: Bars = field(default_factory=Bars)
    help_open: dict[str, int] = field(default_factory=dict)
    citizen: Citizen | None = None

    async def act(self) -> int:
        """Play, show, and say where to look next. Exit code 1 if anything is missing."""
        console = terminal(stderr=self.as_json)
        async with Reach(self.layout) as reach:
            account = await run(reach, self.people, self.days, self.bars, self.watch)
            self.help_open, self.citizen = dict(account.help), account.citizen
            self.bars.stop()
            show(console, account)
            seconds = sum(self.watch.seconds.values())
            phases = ", ".join(f"{name} {taken:.1f}" for name, taken in self.watch.seconds.items())
            console.print(f"\n{seconds:.1f} s: {phases}", style="dim")
            for line in account.complaints()[:10]:
                complain(line)
            if not self.once:
                await publish_months(reach)
                show_ways(console, self.layout, self.people)
                show_codes(console, await login_codes(reach, self.help_open, self.citizen))
                more = "Enter prints new codes. " if sys.stdin.isatty() else ""
                console.print(f"{more}Ctrl-C ends everything.", style="dim")
        if self.as_json:
            print(json.dumps(account.summary(seconds)), flush=True)  # noqa: T201 - the answer itself, bare
        return 0 if account.right else 1

    async def stay(self) -> int:
        """Print new login codes at each Enter, until cancelled: a code lives for five minutes only."""
        entered = asyncio.Event()

        def read() -> None:
            if not os.read(sys.stdin.fileno(), 1024):
                asyncio.get_running_loop().remove_reader(sys.stdin.fileno())  # the terminal is gone
            entered.set()

        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), read)
        while await entered.wait():
            entered.clear()
            async with Reach(self.layout) as reach:
                show_codes(terminal(stderr=self.as_json), await login_codes(reach, self.help_open, self.citizen))
        return 0


class Playing:
    """The thread that plays. It ends everything by itself when it fails, or with `once` when it is done."""

    def __init__(self, play: Play) -> None:
        self.code: int | None = None
        self.thread = threading.Thread(target=self._run, name="county", daemon=True)
        self._play = play
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        """Stop playing, where it still does."""
        if self.thread.is_alive() and self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
            self.thread.join(2.0)

    def _run(self) -> None:
        try:
            asyncio.run(self._until_done())
        except asyncio.CancelledError:
            return  # by `cancel`: everything else has ended already
        except BaseException:
            self.code = 1
            raise
        finally:
            if self.code or (self._play.once and self.code is not None):
                os.kill(os.getpid(), signal.SIGTERM)  # the supervisor in the main thread ends all children

    async def _until_done(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self.code = await in_plain_words(self._play.act())
        if self.code == 0 and not self._play.once and sys.stdin.isatty():
            await in_plain_words(self._play.stay())
