"""Running blocking work and several tasks at once, so that an end is never held up and nothing is left over."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine


async def together(*jobs: Coroutine[None, None, None]) -> None:
    """Run all until one fails or we are cancelled; none is left running."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def in_thread(work: Callable[[], object]) -> None:
    """Run blocking work in a thread that cannot hold up the end of the program, unlike asyncio.to_thread's."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work()
        except BaseException as caught:
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=run, daemon=True, name="supervisor-work").start()
    await done
