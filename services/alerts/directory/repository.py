"""All SQL of the directory."""

from collections.abc import Collection, Sequence

from services.alerts.directory.entries import PersonTold, Told
from services.alerts.directory.lineage import Lineage, Saying, Word, lineage
from shared.db import Connection

# The later word counts for what a person is now; the `ever_` columns add up whatever the order. One statement a page.
TELL = """
INSERT INTO directory_person AS d
       (reference, area, alive, registered, ever_settled, ever_died, told_at, told_position)
SELECT * FROM unnest($1::text[], $2::text[], $3::bool[], $4::bool[], $5::bool[], $6::bool[],
                     $7::timestamptz[], $8::bigint[])
    ON CONFLICT (reference) DO UPDATE SET
       (area, alive, registered, told_at, told_position) = (
         SELECT n.area, n.alive, n.registered, n.told_at, n.told_position FROM (VALUES
           (excluded.area, excluded.alive, excluded.registered, excluded.told_at, excluded.told_position),
           (d.area, d.alive, d.registered, d.told_at, d.told_position)
         ) AS n (area, alive, registered, told_at, told_position)
         WHERE n.told_at IS NOT NULL ORDER BY (n.told_at, n.told_position) DESC LIMIT 1),
       ever_settled = d.ever_settled OR excluded.ever_settled,
       ever_died = d.ever_died OR excluded.ever_died
RETURNING reference, told_at, told_position
"""

FORGET_INDEXES = """
DELETE FROM directory_index i /* removes */ USING unnest($1::text[]) AS renewed (reference)
 WHERE i.reference = renewed.reference
   AND NOT EXISTS (SELECT FROM unnest($2::bytea[], $3::text[]) AS kept (index, reference)
                    WHERE kept.index = i.index AND kept.reference = i.reference)
"""
KEEP_INDEXES = """
INSERT INTO directory_index (index, reference) SELECT * FROM unnest($1::bytea[], $2::text[]) ON CONFLICT DO NOTHING
"""

KEEP_WORDS = """
INSERT INTO directory_word (told_at, told_position, saying, names) VALUES ($1, $2, $3, $4::text[])
    ON CONFLICT DO NOTHING
"""

# Every word that hangs together with these names, over whatever names are between.
WORDS = """
WITH RECURSIVE near AS (
  SELECT unnest($1::varchar[]) AS name
   UNION
  SELECT unnest(w.names) FROM near JOIN directory_word w ON w.names @> ARRAY[near.name]::varchar[])
SELECT DISTINCT w.told_at, w.told_position, w.saying, w.names
  FROM near JOIN directory_word w ON w.names @> ARRAY[near.name]::varchar[]
"""

# Every former name points at the person directly, so that finding a person is one step however often they were merged.
STAND = """
INSERT INTO directory_person AS d (reference, merged_into)
SELECT * FROM unnest($1::text[], $2::text[]) AS n (reference, merged_into)
 WHERE merged_into IS NOT NULL OR EXISTS (SELECT FROM directory_person WHERE reference = n.reference)
    ON CONFLICT (reference) DO UPDATE SET merged_into = excluded.merged_into
 WHERE d.merged_into IS DISTINCT FROM excluded.merged_into
"""

# Of whom it is not known any more where they live, it is not known under a former name either (protection rule 12).
FORGET_AREAS = """
UPDATE directory_person f SET area = NULL FROM directory_person d
 WHERE d.reference = ANY($1::text[]) AND d.area IS NULL AND f.merged_into = d.reference AND f.area IS NOT NULL
"""

# All names of the people behind some references.
NAMES = """
WITH root AS (
  SELECT DISTINCT coalesce(d.merged_into, told.reference) AS reference
    FROM unnest($1::text[]) AS told (reference) LEFT JOIN directory_person d ON d.reference = told.reference)
SELECT reference FROM root
 UNION SELECT d.reference FROM directory_person d JOIN root ON d.merged_into = root.reference
"""

LIVING_IN = """
SELECT reference FROM directory_person
 WHERE merged_into IS NULL AND area ^@ $1 AND reference > $2 ORDER BY reference LIMIT $3
"""

COUNT = "SELECT count(*) FROM directory_person WHERE merged_into IS NULL"


async def tell(connection: Connection, told: Sequence[tuple[Told, PersonTold]]) -> None:
    """Take over what was said of people. Repetition and old news change nothing."""
    latest: dict[str, tuple[Told, PersonTold]] = {}
    settled: set[str] = set()
    died: set[str] = set()
    for when, person in told:
        if person.registered or person.adopted:
            settled.add(person.reference)
        if not person.alive:
            died.add(person.reference)
        if person.reference not in latest or when >= latest[person.reference][0]:
            latest[person.reference] = (when, person)
    if not latest:
        return
    rows = [
        (p.reference, p.area, p.alive, p.registered, p.reference in settled, p.reference in died, *when)
        for when, p in latest.values()
    ]
    standing = await connection.fetch(TELL, *map(list, zip(*rows, strict=True)))
    renewed = [r["reference"] for r in standing if latest[r["reference"]][0] == (r["told_at"], r["told_position"])]
    pairs = [(bytes.fromhex(index), reference) for reference in renewed for index in latest[reference][1].indexes]
    indexes, references = [index for index, _ in pairs], [reference for _, reference in pairs]
    await connection.execute(FORGET_INDEXES, renewed, indexes, references)
    await connection.execute(KEEP_INDEXES, indexes, references)
    if nowhere := [reference for reference in renewed if latest[reference][1].area is None]:
        await connection.execute(FORGET_AREAS, nowhere)


async def keep(connection: Connection, words: Sequence[Word]) -> None:
    """Keep words for ever; those that are kept already change nothing."""
    await connection.executemany(KEEP_WORDS, [(*word.when, word.saying.value, word.names) for word in words])


async def lineage_of(connection: Connection, names: Collection[str]) -> Lineage:
    """Who these, and all who hang together with them, are by every word kept."""
    rows = await connection.fetch(WORDS, sorted(names))
    return lineage(
        Word(Told(row["told_at"], row["told_position"]), Saying(row["saying"]), tuple(row["names"])) for row in rows
    )


async def link(connection: Connection, names: Collection[str]) -> None:
    """Let these names, and all who hang together with them, name whom the words kept say that they name."""
    roots = (await lineage_of(connection, names)).roots
    merged_into = [None if roots[name] == name else roots[name] for name in sorted(roots)]
    await connection.execute(STAND, sorted(roots), merged_into)
    await connection.execute(FORGET_AREAS, sorted(set(roots.values())))


async def names_of(connection: Connection, references: Collection[str]) -> list[str]:
    """Every reference, present and former, of the people behind these."""
    return [row["reference"] for row in await connection.fetch(NAMES, sorted(references))]


async def living_in(connection: Connection, prefix: str, after: str, limit: int) -> list[str]:
    """People whose area begins with a prefix, by reference."""
    return [row["reference"] for row in await connection.fetch(LIVING_IN, prefix, after, limit)]
