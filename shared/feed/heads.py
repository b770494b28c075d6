"""Head rows: taking numbers. The counter is the only order there is (nextval at insert loses entries; see pitfalls)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db import Connection

ENSURE = """
INSERT INTO feed_head (feed, partition) SELECT $1, p FROM generate_series(0, $2::int - 1) p ON CONFLICT DO NOTHING
"""

# Locked in sorted order first (two counters taken unsorted deadlock), then advanced. recorded_at never decreases and
# is taken while the counter is held, so that order of time and order of positions agree.
RESERVE = """
WITH wanted AS (SELECT unnest($1::text[]) AS feed, unnest($2::smallint[]) AS partition, unnest($3::bigint[]) AS n),
locked AS (
  SELECT h.feed, h.partition, w.n FROM feed_head h JOIN wanted w USING (feed, partition)
  ORDER BY h.feed, h.partition FOR NO KEY UPDATE OF h)
UPDATE feed_head h
   SET position = h.position + l.n, recorded_at = greatest(h.recorded_at, clock_timestamp())
  FROM locked l WHERE h.feed = l.feed AND h.partition = l.partition
RETURNING h.feed, h.partition, h.position - l.n AS before, h.recorded_at, h.epoch
"""

# The clock is read when the last lock is held: an aggregate is complete only then.
LOCK = """
WITH locked AS MATERIALIZED (
  SELECT recorded_at FROM feed_head h
   WHERE (feed, partition) IN (SELECT * FROM unnest($1::text[], $2::smallint[]))
   ORDER BY feed, partition FOR NO KEY UPDATE)
SELECT greatest(max(recorded_at), clock_timestamp()) FROM locked
"""


BEGIN_EPOCH = "UPDATE feed_head SET epoch = gen_random_uuid() WHERE feed = $1"


@dataclass(frozen=True)
class Reserved:
    """Positions `before + 1 …` of one partition now belong to this transaction, at this recorded time."""

    before: int
    recorded_at: datetime
    epoch: UUID


async def ensure(connection: Connection, feed: str, partitions: int = 1) -> None:
    """Create the head rows of a feed where they are missing."""
    await connection.execute(ENSURE, feed, partitions)


async def begin_epoch(connection: Connection, feed: str) -> None:
    """Whoever reads the feed begins again: what it read before is not what it would read now. Positions stay."""
    await connection.execute(BEGIN_EPOCH, feed)


async def lock(connection: Connection, partitions: list[tuple[str, int]]) -> datetime:
    """Lock head rows without advancing them, sorted; the transaction may then look for what is known already.

    Returns the recorded time: taken while the counters are held, and never before that of an earlier holder.
    """
    wanted = sorted(set(partitions))
    latest: datetime = await connection.fetchval(
        LOCK, [feed for feed, _ in wanted], [partition for _, partition in wanted]
    )
    return latest


async def reserve(connection: Connection, counts: Mapping[tuple[str, int], int]) -> dict[tuple[str, int], Reserved]:
    """Take `counts[(feed, partition)]` positions of each partition; held until the transaction ends."""
    wanted = sorted(counts)
    rows = await connection.fetch(
        RESERVE, [feed for feed, _ in wanted], [partition for _, partition in wanted], [counts[key] for key in wanted]
    )
    if len(rows) != len(wanted):
        raise LookupError("a feed has no head row")
    return {(r["feed"], r["partition"]): Reserved(r["before"], r["recorded_at"], r["epoch"]) for r in rows}
