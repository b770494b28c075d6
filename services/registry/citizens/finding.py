"""Who holds a number, where that is certain: one person, and no more."""

from uuid import UUID

from services.registry.facts.reported import IDENTITY
from services.registry.facts.repository import states
from services.registry.facts.state import PersonState
from services.registry.facts.stored import Vault
from services.registry.facts.values import named_number
from services.registry.people.repository import holders
from services.registry.people.rules import holds
from shared.contracts.values import Identifier
from shared.crypto.blind import blind_index
from shared.db import Connection


async def one_holder(connection: Connection, vault: Vault, identifier: Identifier) -> tuple[UUID, PersonState] | None:
    """The one person whom living facts give this number; None for nobody and for several alike."""
    number = named_number(identifier)
    index = blind_index(vault.ring, IDENTITY, number.type, number.issuer, number.value)
    rows = await states(connection, await holders(connection, index))
    found = [(row["person_id"], vault.open_state(row["person_id"], row["state"])) for row in rows]
    people = [(person, state) for person, state in found if holds(state, number)]
    return people[0] if len(people) == 1 else None
