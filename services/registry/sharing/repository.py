"""Agreements as told. All SQL of the feature."""

from datetime import datetime

import asyncpg

from shared.db import Connection

# One writer: the follower holds its cursor's row from the beginning of its transaction.
TELL = """
INSERT INTO agreement_told (identifier, status, document, told, told_at)
VALUES ($1, $2, $3::jsonb, 1 + coalesce((SELECT max(told) FROM agreement_told), 0), $4)
ON CONFLICT (identifier) DO UPDATE
   SET status = excluded.status, document = excluded.document, told = excluded.told, told_at = excluded.told_at
 WHERE agreement_told.told_at <= excluded.told_at
RETURNING NOT EXISTS (SELECT 1 FROM agreement_told b
                       WHERE (b.identifier, b.status, b.document) = ($1, $2, $3::jsonb)) AS is_news,
          EXISTS (SELECT 1 FROM agreement_told b WHERE b.identifier = $1) AS was_known
"""
# Before the first telling of a new epoch. The cursor has moved into it in this transaction.
BEGIN = """
INSERT INTO agreements_epoch AS e (feed, epoch, before)
SELECT feed, epoch, coalesce((SELECT max(told) FROM agreement_told), 0) FROM feed_cursor
 WHERE feed = 'sharing' AND partition = 0 AND epoch IS NOT NULL
ON CONFLICT (feed) DO UPDATE SET epoch = excluded.epoch, before = excluded.before WHERE e.epoch <> excluded.epoch
RETURNING true
"""
FORGET = "DELETE FROM agreement_told_again /* removes */"
TELL_AGAIN = """
INSERT INTO agreement_told_again AS a (identifier, status, document, told_at)
SELECT $1::text, $2::text, $3::jsonb, $4::timestamptz
  FROM agreement_told t JOIN agreements_epoch e ON t.told <= e.before
 WHERE t.identifier = $1 AND t.told_at > $4
ON CONFLICT (identifier) DO UPDATE
   SET status = excluded.status, document = excluded.document, told_at = excluded.told_at
 WHERE a.told_at <= excluded.told_at
"""
# At the head of the epoch: what had been told before, and was not in it, is as the feed says; silence ends it.
SETTLE = """
UPDATE agreement_told t
   SET status = coalesce(a.status, 'ended'), document = coalesce(a.document, t.document),
       told_at = coalesce(a.told_at, t.told_at), told = t.told + newest.told
  FROM agreement_told known LEFT JOIN agreement_told_again a USING (identifier),
       (SELECT max(told) AS told FROM agreement_told) newest,
       agreements_epoch e JOIN feed_cursor c ON (c.feed, c.partition, c.epoch) = (e.feed, 0, e.epoch)
 WHERE t.identifier = known.identifier AND t.told <= e.before
RETURNING t.identifier
"""
NEWEST = "SELECT max(told) FROM agreement_told"
IN_FORCE = "SELECT document FROM agreement_told WHERE status = 'in-force' ORDER BY identifier"


async def tell(connection: Connection, identifier: str, status: str, document: str, at: datetime) -> tuple[bool, bool]:
    """Store what was told last of an agreement; whether it is news, and whether the agreement was known before. A
    telling that comes late, parked till now, changes nothing, but that a feed begun anew may say nothing newer."""
    if await connection.fetchval(BEGIN):
        await connection.execute(FORGET)
    await connection.execute(TELL_AGAIN, identifier, status, document, at)
    row = await connection.fetchrow(TELL, identifier, status, document, at)
    return (False, True) if row is None else (row["is_news"], row["was_known"])


async def settle(connection: Connection) -> list[str]:
    """The feed was read to its head: end what it does not know. Gives the agreements that it told otherwise before."""
    return [row["identifier"] for row in await connection.fetch(SETTLE)]


async def newest(connection: Connection) -> int | None:
    """The number of the last telling; None before the first."""
    number: int | None = await connection.fetchval(NEWEST)
    return number


async def in_force(connection: Connection) -> list[asyncpg.Record]:
    """The documents of those that stand; their own days are judged by who reads them."""
    return await connection.fetch(IN_FORCE)
