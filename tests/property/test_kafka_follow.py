"""Whatever a topic lacks, repeats, mixes up or keeps of epochs that are over: a follower has all, once, in order."""

from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from shared.feed.follow import FeedEntry, FeedPage, Reset
from shared.feed.values import Cursor
from shared.kafka.feed_records import Published
from shared.kafka.follow import Step

NOW, OVER, UNKNOWN = UUID(int=1), UUID(int=2), UUID(int=3)
HEAD = 12
LOOKS = 4


def entry(position: int) -> FeedEntry:
    return FeedEntry(position, id=UUID(int=position), data=msgspec.Raw(b"{}"))


class Feed:
    """A department's feed as HTTP gives it; from the given pull on it is of another epoch."""

    def __init__(self, rebuilt_at: int | None = None) -> None:
        self.rebuilt_at, self.pulls = rebuilt_at, 0

    @property
    def epoch(self) -> UUID:
        return OVER if self.rebuilt_at is not None and self.pulls < self.rebuilt_at else NOW

    async def pull(self, after: str | None, limit: int) -> FeedPage:
        self.pulls += 1
        cursor = Cursor.parse(after) if after else Cursor(self.epoch, 0)
        if cursor.epoch != self.epoch or cursor.position > HEAD:
            raise Reset
        entries = [entry(position) for position in range(cursor.position + 1, HEAD + 1)][:limit]
        return FeedPage(self.epoch, HEAD, f"{self.epoch}:{cursor.position + len(entries)}", entries)


def published(epoch: UUID, position: int, stub: bool) -> Published:
    return Published(Cursor(epoch, position), None if stub else entry(position))


records = st.builds(published, st.sampled_from([NOW, NOW, OVER, UNKNOWN]), st.integers(1, HEAD), st.booleans())
batches = st.lists(st.lists(records, max_size=8), max_size=8)


async def followed(feed: Feed, topic: list[list[Published]], cursor: Cursor | None) -> tuple[list[int], Cursor | None]:
    """The positions handed out since the last reset, over all batches and some looks at the head."""
    taken: list[int] = []
    expected = 0
    for batch in [*topic, *[None] * LOOKS]:
        step = Step(feed.pull, cursor)
        if batch is None:
            expected, _ = await step.catch_up(expected)
        for record in batch or []:
            await step.take(record)
        if step.reset:
            taken.clear()
        cursor = step.cursor
        taken += [each.position for each in step.entries]
    return taken, cursor


@given(batches)
async def test_every_entry_comes_once_and_in_order(topic: list[list[Published]]) -> None:
    assert await followed(Feed(), topic, None) == ([*range(1, HEAD + 1)], Cursor(NOW, HEAD))


@given(batches, st.integers(0, HEAD))
async def test_a_follower_goes_on_after_its_stored_cursor(topic: list[list[Published]], stood: int) -> None:
    assert await followed(Feed(), topic, Cursor(NOW, stood)) == ([*range(stood + 1, HEAD + 1)], Cursor(NOW, HEAD))


@given(batches, st.integers(1, LOOKS))
async def test_a_feed_that_is_rebuilt_at_any_moment_is_taken_anew_and_whole(
    topic: list[list[Published]], rebuilt_at: int
) -> None:
    assert await followed(Feed(rebuilt_at), topic, None) == ([*range(1, HEAD + 1)], Cursor(NOW, HEAD))


@given(st.integers(HEAD + 1, 100))
async def test_a_cursor_beyond_the_head_is_a_rebuilt_feed(stood: int) -> None:
    assert await followed(Feed(), [], Cursor(NOW, stood)) == ([*range(1, HEAD + 1)], Cursor(NOW, HEAD))
