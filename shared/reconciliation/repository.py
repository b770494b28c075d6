"""Tallies, gaps and findings in a service's own database: all SQL of the reconciler that both services share."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from shared.db import Connection, connect, transaction
from shared.reconciliation.kinds import Finding

# Rows leave a table only by a statement that says so: it bears the mark `/* removes */`, whoever sends it. Rows that
# are put back by hand bear `/* restores */`: they were counted when they were first written.
FUNCTION = """
CREATE OR REPLACE FUNCTION tally() RETURNS trigger LANGUAGE plpgsql AS $tally$
DECLARE
  changed_rows bigint;
BEGIN
  IF TG_OP = 'INSERT' AND strpos(current_query(), '/* restores */') > 0
     OR TG_OP = 'DELETE' AND strpos(current_query(), '/* removes */') = 0 THEN
    RETURN NULL;
  END IF;
  SELECT count(*) INTO changed_rows FROM changed;
  IF changed_rows > 0 THEN
    INSERT INTO table_tally (table_name, slot, rows)
    VALUES (TG_TABLE_NAME, pg_backend_pid(), CASE TG_OP WHEN 'INSERT' THEN changed_rows ELSE -changed_rows END)
    ON CONFLICT (table_name, slot) DO UPDATE SET rows = table_tally.rows + excluded.rows;
  END IF;
  RETURN NULL;
END $tally$
"""

UNTALLIED = """
SELECT c.relname FROM pg_class c
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname = ANY($1::text[])
   AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'tally_in')
 ORDER BY c.relname
"""

# ALWAYS: a session that switches triggers off to get round foreign keys still removes nothing unseen.
TRIGGERS = """
CREATE TRIGGER tally_in AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed EXECUTE FUNCTION tally();
CREATE TRIGGER tally_out AFTER DELETE ON {table} REFERENCING OLD TABLE AS changed EXECUTE FUNCTION tally();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER tally_in;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER tally_out;
INSERT INTO table_tally (table_name, slot, rows) SELECT '{table}', 0, count(*) FROM {table}
    ON CONFLICT (table_name, slot) DO UPDATE SET rows = excluded.rows;
"""

# One statement, one snapshot: rows on their way are in both numbers or in neither.
COMPARE = """
SELECT (SELECT count(*) FROM {table}) AS found,
       (SELECT coalesce(sum(rows), 0)::bigint FROM table_tally WHERE table_name = $1) AS wanted
"""

GATHER = """
WITH ended AS (
  DELETE FROM table_tally t /* removes */
   WHERE slot <> 0 AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = t.slot)
  RETURNING table_name, rows)
INSERT INTO table_tally (table_name, slot, rows)
SELECT table_name, 0, sum(rows) FROM ended GROUP BY table_name ORDER BY table_name
    ON CONFLICT (table_name, slot) DO UPDATE SET rows = table_tally.rows + excluded.rows
"""

HEADS = "SELECT feed, partition, position FROM feed_head ORDER BY feed, partition"

CURSOR = "SELECT epoch, position FROM feed_cursor WHERE feed = $1 AND partition = 0"
HEAD = "SELECT epoch, position FROM feed_head WHERE feed = $1 AND partition = $2"
IDS = """
SELECT position, entry_id FROM feed_entry WHERE feed = $1 AND partition = $2 AND position = ANY($3::bigint[])
"""

GAPS = """
SELECT n FROM generate_series($3::bigint, $4::bigint) AS n
 WHERE NOT EXISTS (SELECT FROM feed_entry e WHERE e.feed = $1 AND e.partition = $2 AND e.position = n) ORDER BY n
"""
COUNT = "SELECT count(*) FROM feed_entry WHERE feed = $1 AND partition = $2 AND position BETWEEN $3 AND $4"

RAISE = """
INSERT INTO finding (kind, place, since, seen_at) SELECT kind, place, now(), now()
  FROM unnest($1::text[], $2::text[]) AS met(kind, place)
    ON CONFLICT (kind, place) DO UPDATE SET seen_at = now(), settled_at = NULL,
       since = CASE WHEN finding.settled_at IS NULL THEN finding.since ELSE now() END
RETURNING kind, place, since = seen_at AS fresh
"""

SETTLE = """
UPDATE finding SET settled_at = clock_timestamp()
 WHERE kind = ANY($1::text[]) AND seen_at < $2 AND settled_at IS NULL RETURNING kind, place
"""

LIST = """
SELECT kind, place, since, seen_at, settled_at FROM finding
 WHERE (settled_at IS NULL OR $1) AND (kind, place) > ($2, $3) ORDER BY kind, place LIMIT $4
"""

OPEN = "SELECT kind, count(*) AS findings FROM finding WHERE settled_at IS NULL GROUP BY kind ORDER BY kind"


# A round that was not ended is gone on with; after an ended one, the next begins.
STAND = """
INSERT INTO check_round (name, began_at, place, steps, rounds) VALUES ($1, clock_timestamp(), '', 0, 0)
    ON CONFLICT (name) DO UPDATE SET
       began_at = CASE WHEN check_round.ended_at IS NULL THEN check_round.began_at ELSE clock_timestamp() END,
       place = CASE WHEN check_round.ended_at IS NULL THEN check_round.place ELSE '' END, ended_at = NULL
RETURNING began_at, place
"""
STEP = "UPDATE check_round SET place = $2, steps = steps + 1 WHERE name = $1"
END = "UPDATE check_round SET ended_at = clock_timestamp(), rounds = rounds + 1 WHERE name = $1"
ROUNDS = "SELECT name, began_at, ended_at, steps, rounds FROM check_round ORDER BY name"


async def install(url: str, tables: Iterable[str]) -> None:
    """Begin to count rows in those of the tables where nobody does; at once per table, with writers kept waiting."""
    pool = await connect(url, most=1)
    try:
        async with transaction(pool) as connection:
            await connection.execute("SET LOCAL lock_timeout = '5s'")
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('tally'))")
            await connection.execute(FUNCTION)
            for row in await connection.fetch(UNTALLIED, sorted(tables)):
                await connection.execute(TRIGGERS.format(table=row["relname"]))
    finally:
        await pool.close()


async def compare(connection: Connection, table: str) -> tuple[int, int]:
    """How many rows a table has, and how many it must have. Counting a large table may take minutes."""
    async with connection.transaction(readonly=True):
        await connection.execute("SET LOCAL statement_timeout = '10min'")
        (row,) = await connection.fetch(COMPARE.format(table=table), table, timeout=600)
    return row["found"], row["wanted"]


async def gather(connection: Connection) -> None:
    """Add what ended connections counted to slot 0."""
    await connection.execute(GATHER)


async def heads(connection: Connection) -> list[tuple[str, int, int]]:
    """Every feed and partition with its newest position."""
    return [(row["feed"], row["partition"], row["position"]) for row in await connection.fetch(HEADS)]


async def cursor(connection: Connection, feed: str) -> tuple[UUID | None, int]:
    """How far another service's feed of one partition is followed; (None, 0) before its first page."""
    row = await connection.fetchrow(CURSOR, feed)
    return (None, 0) if row is None else (row["epoch"], row["position"])


async def head(connection: Connection, feed: str, partition: int = 0) -> tuple[UUID | None, int]:
    """The present epoch of a feed and its newest position; (None, 0) where there is no such feed."""
    row = await connection.fetchrow(HEAD, feed, partition)
    return (None, 0) if row is None else (row["epoch"], row["position"])


async def entry_ids(connection: Connection, feed: str, partition: int, positions: Sequence[int]) -> dict[int, UUID]:
    """The ids of a feed's entries, by position."""
    rows = await connection.fetch(IDS, feed, partition, list(positions))
    return {row["position"]: row["entry_id"] for row in rows}


async def gaps(connection: Connection, feed: str, partition: int, first: int, last: int) -> list[int]:
    """The positions from `first` to `last` that have no entry."""
    if await connection.fetchval(COUNT, feed, partition, first, last) == last - first + 1:
        return []
    return [row["n"] for row in await connection.fetch(GAPS, feed, partition, first, last)]


async def stand(connection: Connection, name: str) -> tuple[datetime, str]:
    """When the present round of a check began, and how far it is."""
    (row,) = await connection.fetch(STAND, name)
    return row["began_at"], row["place"]


async def step(connection: Connection, name: str, place: str) -> None:
    """A step of a check is done."""
    await connection.execute(STEP, name, place)


async def end(connection: Connection, name: str) -> None:
    """A round of a check is done."""
    await connection.execute(END, name)


async def raise_(connection: Connection, findings: Sequence[Finding]) -> list[Finding]:
    """Store findings; returns those that were not open before."""
    wanted = sorted(set(findings))
    rows = await connection.fetch(RAISE, [each.kind for each in wanted], [each.place for each in wanted])
    return [Finding(row["kind"], row["place"]) for row in rows if row["fresh"]]


async def settle(connection: Connection, kinds: Sequence[str], before: datetime) -> list[Finding]:
    """Settle open findings of these kinds that a round which began at `before` did not meet again."""
    return [Finding(row["kind"], row["place"]) for row in await connection.fetch(SETTLE, list(kinds), before)]


async def listed(connection: Connection, settled: bool, after: Finding, limit: int) -> list[dict[str, object]]:
    """Findings in the order of kind and place, after one of them."""
    return [dict(row) for row in await connection.fetch(LIST, settled, *after, limit)]


async def standing(connection: Connection) -> dict[str, object]:
    """For the overview: open findings by kind, and how the checks stand."""
    return {
        "findings": {row["kind"]: row["findings"] for row in await connection.fetch(OPEN)},
        "checks": [dict(row) for row in await connection.fetch(ROUNDS)],
    }
