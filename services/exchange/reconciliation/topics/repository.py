"""Intake topics beside journal and answers: all SQL of their check."""

from collections.abc import Sequence

import asyncpg

from shared.db import Connection
from shared.kafka.values import Position

CHECKED = "SELECT partition, record_offset, fingerprint FROM intake_checked WHERE topic = $1"
CHECK = """
INSERT INTO intake_checked (topic, partition, record_offset, fingerprint) VALUES ($1, $2, $3, $4)
ON CONFLICT (topic, partition) DO UPDATE SET record_offset = excluded.record_offset, fingerprint = excluded.fingerprint
"""
ANEW = "DELETE FROM intake_checked /* removes */ WHERE topic = $1 AND partition = $2"
GONE = """
INSERT INTO intake_gone (topic, partition, first_offset, last_offset) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
STILL_GONE = """
SELECT partition, first_offset, last_offset FROM intake_gone
 WHERE topic = $1 AND seen_at > clock_timestamp() - make_interval(secs => $2) ORDER BY partition, first_offset
"""
REPORTED = """
SELECT j.source, j.id, j.digest FROM journal j
  JOIN unnest($2::text[], $3::text[]) AS reported(source, id) USING (source, id) WHERE j.department = $1
"""


async def checked(connection: Connection, topic: str) -> dict[int, Position]:
    """By partition, up to which record everything is accounted for."""
    rows = await connection.fetch(CHECKED, topic)
    return {row["partition"]: Position(row["record_offset"], row["fingerprint"]) for row in rows}


async def check(connection: Connection, topic: str, partition: int, position: Position) -> None:
    """Everything up to there is accounted for."""
    await connection.execute(CHECK, topic, partition, position.offset, position.fingerprint)


async def anew(connection: Connection, topic: str, partition: int) -> None:
    """The topic was created anew: nothing of it was checked."""
    await connection.execute(ANEW, topic, partition)


async def gone(connection: Connection, topic: str, partition: int, first: int, last: int | None) -> None:
    """Keep in mind that these offsets left the topic; known ones stay as they were first seen."""
    await connection.execute(GONE, topic, partition, first, last)


async def still_gone(connection: Connection, topic: str, seconds: float) -> list[asyncpg.Record]:
    """What left the topic, as long as it would have been kept there."""
    return await connection.fetch(STILL_GONE, topic, seconds)


async def reported(
    connection: Connection, department: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], bytes]:
    """Those of these events that the journal has of this department, with their keyed digests."""
    rows = await connection.fetch(REPORTED, department, [source for source, _ in keys], [id_ for _, id_ in keys])
    return {(row["source"], row["id"]): row["digest"] for row in rows}
