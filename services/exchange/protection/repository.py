"""Protected people, under each department's own references. All SQL of the feature."""

from collections.abc import Iterable

from services.exchange.cases.standing import Key, keys_of
from services.exchange.protection.standing import Protection, Word
from shared.db import Connection

WORDS = """
SELECT department, reference, withheld, as_of FROM protected_person
  JOIN unnest($1::text[], $2::text[]) AS asked(department, reference) USING (department, reference)
"""
STORE = """
INSERT INTO protected_person (department, reference, withheld, as_of)
SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::timestamptz[])
ON CONFLICT (department, reference) DO UPDATE SET withheld = excluded.withheld, as_of = excluded.as_of
"""


async def protection(connection: Connection, keys: Iterable[Key]) -> Protection:
    """What the registry said of these people."""
    asked = keys_of(keys)
    found = await connection.fetch(WORDS, *asked) if asked[0] else []
    return Protection({(row["department"], row["reference"]): Word(row["withheld"], row["as_of"]) for row in found})


async def store(connection: Connection, protection: Protection) -> None:
    """Write what changed; sorted, so that two writers cannot deadlock."""
    if not protection.changed:
        return
    changed = [(key, protection.words[key]) for key in sorted(protection.changed)]
    await connection.execute(
        STORE,
        [department for (department, _), _ in changed],
        [reference for (_, reference), _ in changed],
        [word.withheld for _, word in changed],
        [word.as_of for _, word in changed],
    )
