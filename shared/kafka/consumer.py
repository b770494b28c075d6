"""Reading a topic without losing a record, whatever happens to the broker. Positions are the caller's."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from shared.kafka.errors import Unreachable
from shared.kafka.settings import REQUEST_SECONDS, KafkaSettings
from shared.kafka.values import Batch, Position, Record
from shared.kafka.wire import Fetched, Wire

PARTITION_BYTES: Final = 1024 * 1024
LONG_POLL_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 0.25


@dataclass(slots=True)
class _Cursor:
    """Where one partition stands: `anchor` is the last record taken, `following` the offset to fetch next.

    Without an anchor, `start` is the beginning of the log that `following` was counted from.
    """

    anchor: Position | None = None
    following: int | None = None
    start: int | None = None


def all_of_them(partitions: Sequence[int]) -> Sequence[int]:
    """The share of a reader that is alone."""
    return partitions


class TopicReader:
    """Reads the partitions of one topic from the caller's positions; a partition without one from its beginning.

    `share` says at each fetch which of the partitions to read: all, unless readers share them. Who gets one that
    another reader had must `seek` first. Partitions that are added to the topic are found within METADATA_SECONDS.

    A wiped or re-created topic must not be skipped silently: offset 50 of yesterday is not offset 50 of today. So
    every fetch of what follows the last record is followed by a fetch of that record itself, and the answer counts
    only if the record is still the same there. Checking *after* leaves no moment in which the log can be exchanged
    unseen: whatever was in place of the log at the first fetch, its last record is gone at the second. If the check
    fails, the partition is read again from its beginning and named in `Batch.rewound`; so effects must be idempotent.

    One task calls `read_batch` in a loop. An outage is not an exception: batches are empty then, `problem` says why
    and `last_progress` stands still. Compacted topics are not supported (their last record may vanish).
    """

    def __init__(
        self,
        settings: KafkaSettings,
        topic: str,
        positions: Mapping[int, Position | None],
        share: Callable[[Sequence[int]], Sequence[int]] = all_of_them,
    ) -> None:
        self._wire = Wire(settings, topic)
        self._share = share
        self._cursors: dict[int, _Cursor] = {}
        self._behind: dict[int, int] = {}
        self._ready: deque[Record] = deque()
        self._rewound: set[int] = set()
        self._turn = 0
        self.topic = topic
        self.problem: str | None = None
        """Why the last attempt failed, or None when it did not."""
        self.last_progress = time.monotonic()
        """`time.monotonic()` of the last time that the broker answered for every partition and all was verified."""
        self.seek(positions)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._wire.drop()

    def seek(self, positions: Mapping[int, Position | None]) -> None:
        """Go on after these positions, for example the stored ones after a batch could not be handled."""
        self._cursors = {partition: _after(position) for partition, position in positions.items()}
        self._ready.clear()
        self._rewound.clear()

    @property
    def behind(self) -> int:
        """Offsets that the topic had beyond what was handed out, when last asked; grows when the reader is stuck."""
        return len(self._ready) + sum(self._behind.values())

    async def read_batch(self, max_records: int = 500, timeout: float = 1.0) -> Batch:
        """The next records, at most `max_records`; empty when none came within `timeout` seconds.

        The following call takes for granted that these were handled: if not, `seek` first. A broker that hangs delays
        the return by REQUEST_SECONDS at most. Records over any size limit are delivered, never skipped.
        """
        deadline = time.monotonic() + timeout
        while not self._ready and not self._rewound:
            left = max(0.0, deadline - time.monotonic())
            await self._attempt(left)
            if time.monotonic() >= deadline:
                break
        records = [self._ready.popleft() for _ in range(min(max_records, len(self._ready)))]
        rewound, self._rewound = frozenset(self._rewound), set()
        return Batch(records, rewound)

    async def _attempt(self, left: float) -> None:
        wait = min(left, LONG_POLL_SECONDS)
        try:
            async with asyncio.timeout(wait + REQUEST_SECONDS):
                await self._round(wait)
        except (Unreachable, TimeoutError) as error:
            self.problem = str(error) or f"no answer within {REQUEST_SECONDS:.0f} s"
            await self._wire.drop()
            await asyncio.sleep(min(RETRY_SECONDS, left))
        else:
            self.problem = None
            self.last_progress = time.monotonic()

    async def _round(self, wait: float) -> None:
        """Fetch what follows in every partition, then verify each partition's log before anything is taken from it."""
        mine = self._share(await self._wire.partitions())
        if not mine:
            await asyncio.sleep(wait)
            return
        following = {partition: await self._following(partition) for partition in self._in_turn(mine)}
        fetched = await self._wire.fetch(following, wait, PARTITION_BYTES)
        for partition, found in fetched.items():
            cursor = self._cursors[partition]
            if found is not None and await self._is_same_log(partition, cursor, found):
                self._take(partition, cursor, found)
            else:
                self._rewind(partition, cursor)

    def _in_turn(self, partitions: Sequence[int]) -> list[int]:
        """Each partition comes first once: only the first one's oversized batch is sure to be delivered."""
        self._turn = (self._turn + 1) % len(partitions)
        return [*partitions[self._turn :], *partitions[: self._turn]]

    async def _following(self, partition: int) -> int:
        cursor = self._cursors.setdefault(partition, _Cursor())
        if cursor.following is None:
            cursor.start = cursor.following = await self._wire.earliest(partition)
        return cursor.following

    async def _is_same_log(self, partition: int, cursor: _Cursor, found: Fetched) -> bool:
        if cursor.anchor is None:
            return found.log_start == cursor.start
        offset = cursor.anchor.offset
        again = (await self._wire.fetch({partition: offset}, 0, 1))[partition]
        if again is None:
            return False
        if not again.records and again.next_offset == offset:
            # The log reaches past the record, yet may not show it: a broker that has just restarted, or a transaction.
            raise Unreachable("the last record taken is not visible at the moment")
        return bool(again.records) and again.records[0].position == cursor.anchor

    def _take(self, partition: int, cursor: _Cursor, found: Fetched) -> None:
        cursor.following = found.next_offset
        self._behind[partition] = max(0, found.log_end - found.next_offset)
        if found.records:
            cursor.anchor = found.records[-1].position
            self._ready.extend(found.records)

    def _rewind(self, partition: int, cursor: _Cursor) -> None:
        if cursor.anchor is not None:
            self._rewound.add(partition)
        self._cursors[partition] = _Cursor()


def _after(position: Position | None) -> _Cursor:
    return _Cursor() if position is None else _Cursor(anchor=position, following=position.offset + 1)
