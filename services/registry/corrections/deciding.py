"""Carrying out what an authority decided about corrections: the person is folded again and every past receiver hears of
it, in one transaction, in the order of locks of the fold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec

from services.registry.corrections import repository as sql
from services.registry.corrections.problems import CLOSED, NOT_SAID, TAKEN, Refused
from services.registry.corrections.rules import APPROVED, OPEN, fits
from services.registry.corrections.told import annulment, decided
from services.registry.facts import repository as people
from services.registry.facts.approved import EVER
from services.registry.facts.handlers import Folding
from services.registry.facts.lineage import ANNULLED, CREATED
from services.registry.facts.page import KnownEvent, Page
from services.registry.facts.reported import Number, Reported, lock_of, number_of, read
from services.registry.facts.state import UNKNOWN_PERSON, PersonState
from services.registry.facts.told import CHANGES
from services.registry.facts.values import (
    CORRECTION,
    CORRECTIONS,
    RESIDENT_NUMBER,
    Approved,
    EventKey,
    Fact,
    FactBody,
    NamedNumber,
)
from services.registry.people.repository import holders
from services.registry.people.rules import holds
from services.registry.reviews.pairs import lock_people
from shared import clock
from shared.db import Connection

ROLE = "person"


@dataclass
class Deciding:
    """Carries out decisions in the caller's transaction. Raises Again where somebody was merged meanwhile."""

    folding: Folding

    async def approve(
        self,
        connection: Connection,
        request: UUID,
        person: UUID,
        authority: str,
        approved: tuple[str, str | None],
        since: date | None,
    ) -> None:
        """Let a value stand from now on. `approved`: field and value. Raises Refused where the person cannot be like
        that, or where a number is another person's."""
        field, value = approved
        numbers = self.numbers(value) if field == "identity_number" and value else ()
        page, released, waited = await lock_people(
            connection, self.folding, [person], frozenset(number.index for number in numbers)
        )
        await self.still(connection, request, OPEN)
        state = page.states[person] or UNKNOWN_PERSON
        if state == UNKNOWN_PERSON:
            raise Refused(NOT_SAID)
        fits(state, field, value)
        await self.free(connection, person, numbers)
        fact = fact_of(request, authority, state, field, value, numbers, since)
        page.correct(reported(request, authority, fact, numbers), person)
        await self.write(connection, page, released, waited)

    async def annul(self, connection: Connection, request: UUID, person: UUID, authority: str) -> None:
        """Take an approved value back: what stood before stands again."""
        page, released, waited = await lock_people(connection, self.folding, [person])
        await self.still(connection, request, APPROVED)
        key = (CORRECTIONS, str(request))
        said = next(fact for fact in page.facts[person] if fact.event == key)
        page.known[key] = KnownEvent(request, CORRECTION, authority, request)
        fact = msgspec.structs.replace(
            said,
            event_id=f"{request}/annulment",
            action=ANNULLED,
            time=clock.now(),
            supersedes=key,
            recorded_at=None,
            department=authority,
            body=msgspec.structs.replace(said.body, identifiers=()),
        )
        page.correct(reported(annulment(request), authority, fact, ()), person)
        await self.write(connection, page, released, waited)

    async def permit(self, connection: Connection, request: UUID, authority: str, event: EventKey) -> None:
        """Let the authority supersede another department's event; what it reported for that already is applied."""
        # A fold that has seen no permit must have stored what it holds before we look for it.
        await people.lock_keys(connection, [lock_of(event)])
        await sql.permit(connection, event, authority, request)
        ring, vault = self.folding.vault.ring, self.folding.vault
        rows = await sql.held(connection, authority)
        held = [read(ring, row["receipt"], vault.open_held(row["receipt"], row["body"])) for row in rows]
        if waiting := [each for each in held if each.supersedes == event]:
            await self.folding.apply(connection, waiting)  # at once: identifiers are locked before the feeds are

    async def tell(self, connection: Connection, request: UUID, receipt: UUID, authority: str) -> None:
        """Tell the exchange by which receipt departments hear of this correction, last in the transaction."""
        await self.folding.feeds.append(connection, CHANGES, [decided(request, receipt, authority)])

    async def still(self, connection: Connection, request: UUID, standing: str) -> None:
        """Lock a request, after its person. Raises Refused where it stands otherwise meanwhile."""
        row = await sql.one(connection, request, locked=True)
        if row is None or row["standing"] != standing:
            raise Refused(CLOSED)

    async def write(
        self, connection: Connection, page: Page, released: Iterable[Reported], waited: set[tuple[UUID, str]]
    ) -> None:
        """Apply what is clear now, and write everything."""
        page.take_all(released)
        page.settle()
        page.close()
        await self.folding.write(connection, page, waited)

    async def free(self, connection: Connection, person: UUID, numbers: Iterable[Number]) -> None:
        """Raises Refused where somebody else holds one of these numbers."""
        for number in numbers:
            others = set(await holders(connection, number.index)) - {person}
            for row in await people.states(connection, others):
                if holds(self.folding.vault.open_state(row["person_id"], row["state"]), number.named):
                    raise Refused(TAKEN)

    def numbers(self, value: str) -> tuple[Number, ...]:
        """A resident number as it is found."""
        return (number_of(self.folding.vault.ring, NamedNumber(RESIDENT_NUMBER, value)),)


def fact_of(
    request: UUID,
    authority: str,
    state: PersonState,
    field: str,
    value: str | None,
    numbers: Iterable[Number],
    since: date | None,
) -> Fact:
    """What an approval says: the person as they are described from now on, and as they were until now."""
    name, born = state.name or "", state.birth_date or EVER
    body = FactBody(
        name=value if field == "name" and value else name,
        sex=value if field == "sex" and value else state.sex or "unknown",
        birth_date=date.fromisoformat(value) if field == "birth_date" and value else born,
        identifiers=tuple(number.named for number in numbers),
        approved=Approved(field, value, name, born, state.identity_number),
    )
    return Fact(
        CORRECTIONS, str(request), CORRECTION, ROLE, CREATED, since or EVER, clock.now(), None, None, authority, body
    )


def reported(receipt: UUID, authority: str, fact: Fact, numbers: tuple[Number, ...]) -> Reported:
    """The fact as the fold takes it."""
    return Reported(receipt, authority, fact, {ROLE: fact}, {ROLE: numbers}, b"")
