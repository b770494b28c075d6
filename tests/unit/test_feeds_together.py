"""Readers of one feed who are answered together: whoever comes as the last answer ends is answered too."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from services.alerts.facilities.streams import Listening
from services.alerts.feeds.together import SIDE_BY_SIDE, Asked, Together
from shared.auth.caller import Caller
from shared.feed.values import Page

EMPTY = Page(epoch=UUID(int=1), head=0, entries=[], after=0)


class Gated(Together):
    """Its pages come all in one turn of the loop, once the gate is opened."""

    def __init__(self) -> None:
        super().__init__(*cast(Any, (None,) * 3))
        self.gate, self.busy, self.asked = asyncio.Event(), asyncio.Event(), 0

    async def page(self, asked: Asked, readers: Sequence[Listening]) -> Page:
        """The page, once it may come."""
        self.asked += 1
        if self.asked == SIDE_BY_SIDE:
            self.busy.set()
        await self.gate.wait()
        return EMPTY


async def test_a_reader_who_comes_as_the_last_answers_end_is_answered() -> None:
    together, reader = Gated(), Listening(Caller("nurse", "health"))
    others = [asyncio.create_task(together.read(reader, f"feed {n}", None, 1)) for n in range(SIDE_BY_SIDE)]
    await together.busy.wait()
    asyncio.get_running_loop().call_soon(together.gate.set)
    await together.gate.wait()  # behind both who answer: they end in this turn of the loop, before the next line
    assert (together.waiting, [each.done() for each in others]) == ({}, [False] * SIDE_BY_SIDE)
    async with asyncio.timeout(5):
        assert await together.read(reader, "another feed", None, 1) is EMPTY
    assert await asyncio.gather(*others) == [EMPTY] * SIDE_BY_SIDE
    assert not together.answering
