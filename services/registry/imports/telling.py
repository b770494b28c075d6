"""People of an imported register are told of in the background, page by page, as the fold would have told them."""

from typing import Final
from uuid import UUID

import asyncpg

from services.registry.facts.repository import mentioned
from services.registry.facts.state import RELATIVES, PersonState
from services.registry.facts.stored import Vault
from services.registry.facts.told import CARE_FEED, CHANGES, Relatives, Telling, entry_of, outcome
from services.registry.imports import repository as sql
from services.registry.imports.receipts import is_imported
from services.registry.protection import repository as protection
from shared.db import Pool, transaction
from shared.feed import heads
from shared.feed.log import FeedLog
from shared.feed.values import NewEntry
from shared.sharing.fields import FIELDS

PAGE: Final = 200  # events looked at in one transaction: others wait for the feeds' heads that long


async def tell_imported(pool: Pool, feeds: FeedLog, vault: Vault, telling: Telling) -> bool:
    """Tell one page; whether there was anything to do. Whoever was folded since is told as they stand."""
    async with transaction(pool) as connection:
        told = await sql.to_tell(connection)
        if told is None:
            return False
        await heads.lock(connection, [(CHANGES, 0), (CARE_FEED, 0)])
        rows = await sql.told_next(connection, told, PAGE)
        states = {
            row["receipt"]: vault.open_state(row["person_id"], row["state"])
            for row in rows
            if row["state"] is not None and is_imported(row["receipt"])
        }
        named = {mention for state in states.values() for name in RELATIVES if (mention := getattr(state, name))}
        relatives = await mentioned(connection, named)
        hidden = await protection.standing(connection, [row["person_id"] for row in rows if row["receipt"] in states])
        changes: list[NewEntry] = []
        care: list[NewEntry] = []
        for row in rows:
            if (state := states.get(row["receipt"])) is not None:
                changes += told_of(telling, row, state, relatives)
                care += telling.care(row["person_id"], None, state, hidden=row["person_id"] in hidden)
        last: UUID | None = rows[-1]["receipt"] if rows else None
        await sql.go_on(connection, told["import_id"], last)
        await feeds.append_all(connection, {CHANGES: changes, CARE_FEED: care})
    return True


def told_of(telling: Telling, row: asyncpg.Record, state: PersonState, relatives: Relatives) -> list[NewEntry]:
    """The reporter hears whom its entry means, which opens its case; then whoever is entitled hears of the person."""
    department, person = row["department"], row["person_id"]
    heard = outcome(
        row["receipt"],
        "applied",
        people={row["role"]: telling.reference(department, person)},
        of=entry_of(department, row["source"], row["id"]),
    )
    changed = [name for name in FIELDS if getattr(state, name) is not None]
    receivers = telling.registering | {department}
    return [heard, telling.person(person, state, relatives, changed, receivers=receivers)]
