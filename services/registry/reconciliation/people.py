"""People page by page, as the feed `changes` would tell of them now. Root ids never leave: cursors are sealed."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import msgspec

from services.registry.facts import repository as sql
from services.registry.facts.stored import KEY, Vault
from services.registry.facts.told import Telling
from services.registry.reconciliation import repository
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import Unsealable, seal, unseal
from shared.db import Connection
from shared.errors import Fault, Invalid, Text
from shared.sharing.fields import REFERENCE_FIELDS

CONTEXT = b"reconciliation cursor"


class PersonNow(msgspec.Struct, frozen=True):
    """A person under every department's reference, with all disclosable fields."""

    references: dict[str, str]
    registered: bool
    state: dict[str, object]


class PeoplePage(msgspec.Struct, frozen=True):
    """People in the order of the registry, in one snapshot with the head of `changes`."""

    changes: tuple[UUID, int]
    people: list[PersonNow]
    next_after: str | None


def start_of(ring: KeyRing, after: str | None) -> UUID:
    """Where a cursor stands. Raises Invalid for one that the registry did not give."""
    if after is None:
        return UUID(int=0)
    try:
        return UUID(bytes=unseal(ring, KEY, urlsafe_b64decode(after), CONTEXT))
    except (Unsealable, ValueError):
        wrong = Text("must be a cursor as the registry gave it", "必须是登记库给出的游标")
        raise Invalid(faults=[Fault("/after", wrong)]) from None


async def page_of(connection: Connection, vault: Vault, telling: Telling, start: UUID, limit: int) -> PeoplePage | None:
    """The next people, without aliases; None while there is no feed to tell of them."""
    head = await repository.head(connection)
    if head is None:
        return None
    rows = await sql.people_after(connection, start, limit)
    states = {
        row["person_id"]: vault.open_state(row["person_id"], row["state"]) for row in rows if row["merged_into"] is None
    }
    mentions = {mention for state in states.values() for name in REFERENCE_FIELDS if (mention := getattr(state, name))}
    relatives = await sql.mentioned(connection, mentions)
    people = [
        PersonNow(telling.references(person), state.registered, telling.state(state, relatives))
        for person, state in states.items()
    ]
    last = rows[-1]["person_id"] if len(rows) == limit else None
    cursor = None if last is None else urlsafe_b64encode(seal(vault.ring, KEY, last.bytes, CONTEXT)).decode()
    return PeoplePage((head["epoch"], head["position"]), people, cursor)
