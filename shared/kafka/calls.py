"""Awaiting aiokafka's coroutines without being harmed by how they take a cancellation."""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

GRACE_SECONDS: Final = 0.5

T = TypeVar("T")


async def whole(work: Awaitable[T]) -> T:
    """Await `work`; when cancelled, let it come to its end first, for a short time.

    aiokafka's `close` swallows a cancellation that meets it, so that the caller would run on for ever; cancelled while
    it connects, it forgets the socket. In a task of its own neither happens.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_looked_at)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        try:
            await asyncio.wait([task], timeout=GRACE_SECONDS)
        finally:
            task.cancel()
        raise


def _looked_at(task: asyncio.Future[T]) -> None:
    """Nobody waits for the error of work that was given up: it must not be complained about."""
    if not task.cancelled():
        task.exception()
