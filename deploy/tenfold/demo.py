"""`tenfold demo`: start everything, play a made-up county through the public API, account for all of it.

The supervisor needs the main thread; the county is played in a thread of its own, over HTTP like any caller.
"""

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Coroutine

from deploy.tenfold.demo_folder import NotADemo, empty
from deploy.tenfold.demo_reach import Reach
from deploy.tenfold.demo_run import Watch, login_codes, run
from deploy.tenfold.demo_show import Bars, show, show_ways
from deploy.tenfold.layout import Layout
from deploy.tenfold.process_lock import FolderInUse
from deploy.tenfold.starting import start
from deploy.tenfold.talking_status import terminal
from deploy.tenfold.talking_trouble import complain, in_plain_words

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
    playing = Playing(lambda: play(layout, people, days, once=once, as_json=as_json, watch=watch, bars=bars), once)
    watch, bars = Watch(time.monotonic(), {}), Bars()
    bars.start()
    bars.phase(STARTING, 0, 1)

    def ready() -> None:
        watch.lap("starting")
        bars.phase(STARTING, 1, 1)
        playing.thread.start()

    try:
        start(layout, ready)
    finally:
        playing.cancel()
        bars.stop()
    return INTERRUPTED if playing.code is None else playing.code


class Playing:
    """The thread that plays. It ends everything by itself when it fails, or with `once` when it is done."""

    def __init__(self, play: Callable[[], Coroutine[None, None, int]], once: bool) -> None:
        self.code: int | None = None
        self.thread = threading.Thread(target=self._run, name="county", daemon=True)
        self._play, self._once = play, once
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[int] | None = None

    def cancel(self) -> None:
        """Stop playing, where it still does."""
        if self.thread.is_alive() and self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
            self.thread.join(2.0)

    def _run(self) -> None:
        try:
            self.code = asyncio.run(self._until_done())
        except asyncio.CancelledError:
            return
        except BaseException:
            self.code = 1
            raise
        finally:
            if self._once or self.code != 0:
                os.kill(os.getpid(), signal.SIGTERM)  # the supervisor in the main thread ends all children

    async def _until_done(self) -> int:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        return await in_plain_words(self._play())


async def play(
    layout: Layout, people: int, days: int, *, once: bool, as_json: bool, watch: Watch, bars: Bars
) -> int:
    """Play, show, and say where to look next."""
    console = terminal(stderr=as_json)
    async with Reach(layout) as reach:
        account = await run(reach, people, days, bars, watch)
        bars.stop()
        show(console, account)
        seconds = sum(watch.seconds.values())
        phases = ", ".join(f"{name} {taken:.1f}" for name, taken in watch.seconds.items())
        console.print(f"\n{seconds:.1f} s: {phases}", style="dim")
        for line in account.played.refused[:10]:
            complain(line)
        if not once:
            show_ways(console, layout, await login_codes(reach, account.help), people)
    if as_json:
        print(json.dumps(account.summary(seconds)), flush=True)  # noqa: T201 - the answer itself, bare
    return 0 if account.right else 1
