"""Another service's feed through its topic, as the followers of feeds ask for it: a Fetch beside the one over HTTP.

Cursor, fence and effects stay where they are, in the follower's own database; only where a page comes from differs.
What the topic lacks is pulled: its holes, its last record when that was lost, everything while the broker is away.
"""

from shared.crypto.keyring import KeyRing
from shared.feed.follow import FeedPage, Fetch, Reset
from shared.feed.values import Cursor
from shared.kafka.errors import Unreachable
from shared.kafka.feed_records import cursor_of
from shared.kafka.follow import HEAD_SECONDS, TopicFollower
from shared.kafka.sealed import KEYS, Sealed
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import internal_topic, last_before
from shared.kafka.values import Position, Record


class TopicFetch:
    """Pages of internal feeds from their topics. `pull` gets the same pages from the other service itself."""

    def __init__(
        self, settings: KafkaSettings, prefix: str, ring: KeyRing, pull: Fetch, head_seconds: float = HEAD_SECONDS
    ) -> None:
        self._settings, self._prefix, self._ring, self._pull = settings, prefix, ring, pull
        self._head_seconds = head_seconds
        self._followers: dict[tuple[str, int], TopicFollower] = {}

    async def close(self) -> None:
        """End the connections."""
        followers, self._followers = self._followers, {}
        for follower in followers.values():
            await follower.close()

    async def __call__(self, feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        """A page after a cursor. Raises Reset, or OtherSideAway where the topic had nothing and HTTP is away too.

        The first page of all comes over HTTP, which alone can name the epoch that counts.
        """
        if after is None:
            return await self._pull(feed, partition, None, limit, 0)
        cursor = Cursor.parse(after)
        follower = self._followers.get((feed, partition)) or await self._opened(feed, partition, cursor)
        if follower.cursor != cursor:
            follower.seek(cursor)  # the page before could not be handled, or another follower was faster
        found = await follower.read(min(wait, self._head_seconds), limit)
        if found.reset or found.cursor is None:
            follower.seek(cursor)
            raise Reset
        return FeedPage(found.cursor.epoch, found.cursor.position, str(found.cursor), found.entries)

    async def _opened(self, feed: str, partition: int, cursor: Cursor) -> TopicFollower:
        topic = internal_topic(feed, self._prefix)

        def handled(record: Record) -> bool:
            at = cursor_of(record)
            return at is not None and at.epoch == cursor.epoch and at.position <= cursor.position

        async def pull(after: str | None, limit: int) -> FeedPage:
            return await self._pull(feed, partition, after, limit, 0)

        positions: dict[int, Position] = {}
        try:
            last = await last_before(self._settings, topic, partition, handled)
            if last is not None:
                positions[partition] = last.position
        except Unreachable:
            pass  # then the topic is read from its beginning, once it is there
        follower = TopicFollower(
            self._settings,
            topic,
            pull,
            cursor,
            positions,
            head_seconds=self._head_seconds,
            form=Sealed(self._ring, KEYS[feed], feed, partition),
            partition=partition,
        )
        self._followers[feed, partition] = follower
        return follower
