"""Reading a topic in tests until something was seen, with a deadline."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.kafka.consumer import TopicReader
from shared.kafka.values import Record

PATIENCE_SECONDS = 40.0


@dataclass
class Seen:
    """What a reader delivered, in order, and how often it went back to the beginning."""

    records: list[Record] = field(default_factory=list)
    rewound: int = 0

    @property
    def values(self) -> list[bytes | None]:
        return [record.value for record in self.records]


async def read_until(reader: TopicReader, enough: Callable[[Seen], bool], seconds: float = PATIENCE_SECONDS) -> Seen:
    """Read batches until `enough` says so; fails after a deadline, with what was seen."""
    seen = Seen()
    deadline = time.monotonic() + seconds
    while not enough(seen):
        assert time.monotonic() < deadline, (
            f"only {len(seen.records)} records, {seen.rewound} rewinds; {reader.problem=}"
        )
        batch = await reader.read_batch(timeout=0.2)
        seen.records.extend(batch)
        seen.rewound += len(batch.rewound)
    return seen


async def read_count(reader: TopicReader, count: int, seconds: float = PATIENCE_SECONDS) -> Seen:
    """Read until `count` records came."""
    return await read_until(reader, lambda seen: len(seen.records) >= count, seconds)


async def nothing_more(reader: TopicReader) -> bool:
    """Whether a verified look at the topic brings no further record."""
    before = reader.last_progress
    batch = await reader.read_batch(timeout=0.3)
    return not batch.records and not batch.rewound and reader.last_progress > before
