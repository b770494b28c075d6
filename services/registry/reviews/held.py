"""A held event and everyone whom it may mean, as a clerk must see them and as a decision changes them."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from services.registry.facts import repository as sql
from services.registry.facts.handlers import Folding
from services.registry.facts.page import Page
from services.registry.facts.reported import Reported, read
from services.registry.facts.values import EventKey, Mention
from services.registry.identity.unclear import unclear
from services.registry.reviews.rules import version_of
from shared.db import Connection


@dataclass(frozen=True)
class Held:
    """An event that is held, and the people in question. `doubts`: why, by role; `candidates`: who may be meant, by
    role; `partings`: who would fall apart, and into which records."""

    page: Page
    event: Reported
    gone: AbstractSet[EventKey]
    doubts: Mapping[str, str]
    candidates: Mapping[str, set[UUID]]
    partings: Mapping[UUID, list[set[Mention]]]

    @property
    def people(self) -> set[UUID]:
        """Everyone in question."""
        return {person for role in self.doubts for person in self.candidates[role]} | self.partings.keys()

    @property
    def version(self) -> str:
        """What a decision rests on."""
        return version_of(self.page, self.people)

    @classmethod
    def of(cls, page: Page, event: Reported) -> "Held":
        """Who is in question; `page` knows everything decided about its people."""
        gone = page.gone_with(event)
        meant = page.meant(event, gone)
        doubts = unclear(page, event, meant, gone) if event.key not in gone else {}
        target = page.known.get(event.supersedes) if event.supersedes else None
        partings = page.parts(event, target.lineage, meant, gone) if target else {}
        holding = {role: page.holding(numbers, gone) for role, numbers in event.numbers.items()}
        return cls(page, event, gone, doubts, {role: meant[role] | holding[role] for role in meant}, partings)


async def event_held(connection: Connection, folding: Folding, receipt: UUID) -> Reported | None:
    """The held event as it was reported; None where it is held no longer."""
    rows = await sql.held(connection, [receipt])
    return read(folding.vault.ring, receipt, folding.vault.open_held(receipt, rows[0]["body"])) if rows else None


async def held_now(connection: Connection, folding: Folding, receipt: UUID) -> Held | None:
    """A held event with everyone in question, to look at; None where it is held no longer."""
    event = await event_held(connection, folding, receipt)
    if event is None:
        return None
    page = await folding.load(connection, [event], locked=False)
    await folding.know_decisions(connection, page)
    return Held.of(page, event)
