"""How far each intake topic has been taken, and which of its records were answered already. All SQL of the feature
beside the journal's own."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.db import Connection, Pool
from shared.kafka.values import Position

POSITIONS = "SELECT partition, record_offset, fingerprint FROM kafka_position WHERE topic = $1"

FIRST = """
INSERT INTO kafka_position (topic, partition, record_offset, fingerprint) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""

# The fence: only the reader that still stands where the row says may move it.
MOVE = """
UPDATE kafka_position SET record_offset = $3, fingerprint = $4
 WHERE topic = $1 AND partition = $2 AND record_offset = $5 AND fingerprint = $6
"""

TOLD = "SELECT entry_id FROM feed_entry WHERE feed = $1 AND entry_id = ANY($2::uuid[])"

ALIVE = """
INSERT INTO kafka_member (member) VALUES ($1) ON CONFLICT (member) DO UPDATE SET seen_at = clock_timestamp()
"""
LOST = "DELETE FROM kafka_member /* removes */ WHERE seen_at < clock_timestamp() - make_interval(secs => $1)"
LEAVE = "DELETE FROM kafka_member /* removes */ WHERE member = $1"
LIVING = "SELECT member FROM kafka_member"


async def positions(pool: Pool, topic: str) -> dict[int, Position]:
    """The last record handled of each partition."""
    rows = await pool.fetch(POSITIONS, topic)
    return {row["partition"]: Position(row["record_offset"], row["fingerprint"]) for row in rows}


async def move(
    connection: Connection, topic: str, before: Mapping[int, Position], after: Mapping[int, Position]
) -> bool:
    """Move positions, inside a transaction; False when another reader has moved one: then roll back."""
    for partition, position in sorted(after.items()):
        place = (topic, partition, position.offset, position.fingerprint)
        stood = before.get(partition)
        if stood is None:
            done = await connection.execute(FIRST, *place)
        else:
            done = await connection.execute(MOVE, *place, stood.offset, stood.fingerprint)
        if not done.endswith(" 1"):
            return False
    return True


async def told(connection: Connection, feed: str, entry_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these entries are on the feed already."""
    return {row["entry_id"] for row in await connection.fetch(TOLD, feed, list(entry_ids))}


async def living(pool: Pool, member: UUID, lost_seconds: float) -> frozenset[UUID]:
    """Write down that this member lives, drop those not seen for so long, and give all that are left."""
    await pool.execute(ALIVE, member)
    await pool.execute(LOST, lost_seconds)
    return frozenset(row["member"] for row in await pool.fetch(LIVING)) | {member}


async def leave(pool: Pool, member: UUID) -> None:
    """Drop a member that ends."""
    await pool.execute(LEAVE, member)
