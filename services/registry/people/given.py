"""What look-ups gave is told to the exchange, which tells it right again should it turn out to be wrong.

The look-up itself only adds a row: it reads as of one moment, and such a transaction must not wait for the counter of a
feed that others move. Whoever tells takes the counter first. Then a correction is either before it, and the state
that was shown is not the state that is; or behind it, and finds the look-up told.
"""

from typing import Any, Final
from uuid import UUID

import msgspec

from services.registry.facts.corrections import Corrected
from services.registry.facts.repository import mentioned
from services.registry.facts.state import RELATIVES
from services.registry.facts.stored import Vault
from services.registry.facts.told import CHANGES, Telling
from services.registry.people import repository as sql
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal
from shared.db import Connection, Pool, transaction
from shared.feed import heads
from shared.feed.log import FeedLog
from shared.feed.values import NewEntry
from shared.sharing.disclose import Disclosed

KEY, CONTEXT = "registry", b"look-up given"
PAGE: Final = 200


def seal_given(ring: KeyRing, department: str, shown: Disclosed) -> bytes:
    """What a look-up gave to whom, and by which agreements."""
    body = {"department": department, "fields": shown.fields, "basis": shown.basis}
    return seal(ring, KEY, msgspec.json.encode(body), CONTEXT)


def open_given(ring: KeyRing, sealed: bytes) -> dict[str, Any]:
    """The same, read back."""
    body: dict[str, Any] = msgspec.json.decode(unseal(ring, KEY, sealed, CONTEXT))
    return body


async def tell_given(pool: Pool, feeds: FeedLog, vault: Vault, telling: Telling) -> int:
    """Tell the exchange of the oldest look-ups it was not told of; returns how many."""
    async with transaction(pool) as connection:
        if not await sql.any_given(connection):
            return 0
        await heads.lock(connection, [(CHANGES, 0)])
        rows = await sql.take_given(connection, PAGE)
        people = await sql.living(connection, [row["person_id"] for row in rows])
        entries: list[NewEntry] = []
        for row in rows:
            now, given = people[row["person_id"]], open_given(vault.ring, row["body"])
            reference = telling.reference(given["department"], now["person_id"])
            body = {"kind": "disclosed", **given, "reference": reference, "at": row["given_at"]}
            entries.append(NewEntry(row["given_id"], msgspec.json.encode(body)))
            if now["folded_at"] != row["folded_at"]:
                entries.append(await overtaken(connection, vault, telling, now["person_id"], now["state"], given))
        await feeds.append(connection, CHANGES, entries)
    return len(rows)


async def overtaken(
    connection: Connection, vault: Vault, telling: Telling, person: UUID, sealed: bytes, given: dict[str, Any]
) -> NewEntry:
    """The person was folded anew while the look-up was under way. Whether by a correction is not known any more: the
    caller hears what differs, and nobody else does, for to others it was told already."""
    state = vault.open_state(person, sealed)
    relatives = await mentioned(connection, [mention for name in RELATIVES if (mention := getattr(state, name))])
    return telling.person(
        person,
        state,
        relatives,
        wrong=Corrected(tuple(given["fields"]), (), None),
        receivers=(given["department"],),
    )
