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
