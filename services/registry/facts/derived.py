"""What else derives from the people of a page, stored in the transaction that folds them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.registry.facts.state import PersonState
from services.registry.facts.values import EventKey, Fact, Mention
from shared.db import Connection


@dataclass(frozen=True)
class Folded:
    """The people of one page, before and after. Everyone in `after` is locked by the transaction.

    `before`: states as stored until now; None for a new person. `after`: states as they are stored now. `merged`: an
    id that is an alias from now on → the person that lives on; its state until now stands in `before`. `facts`: all
    facts of everyone in `after`; `dead`: the events among them that do not count. `people`: who the relatives named in
    the states are. `recorded_at`: the instant at which the registry knows it.
    """

    before: Mapping[UUID, PersonState | None]
    after: Mapping[UUID, PersonState]
    merged: Mapping[UUID, UUID]
    facts: Mapping[UUID, Sequence[Fact]]
    dead: AbstractSet[EventKey]
    people: Mapping[Mention, UUID]
    recorded_at: datetime


class Derive(Protocol):
    """Stores what derives from people. Given the same people it stores the same; called once for each page."""

    async def __call__(self, connection: Connection, folded: Folded) -> None:
        """Store it. The counters of the feeds are held: be short, take no other locks."""
