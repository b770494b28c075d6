"""Carrying out what was decided about links: the people concerned are folded again and everyone is told, in one
transaction, in the order of locks of the fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.registry.facts import repository as people
from services.registry.facts.handlers import Folding
from services.registry.facts.page import AMBIGUOUS, Page
from services.registry.facts.reported import IDENTITY, Reported, locks_of
from services.registry.facts.values import Mention
from services.registry.identity.decisions import NOW, Decision
from services.registry.reviews import repository as sql
from services.registry.reviews.held import Held
from services.registry.reviews.problems import CHANGED, CLOSED, NOT_SAID, Refused
from services.registry.reviews.rules import DECIDED, OPEN
from services.registry.reviews.wanted import Wanted, wanted_of_held
from shared.crypto.blind import blind_index
from shared.crypto.sealing import seal
from shared.db import Connection


@dataclass(frozen=True)
class By:
    """Who decides, and why. `weights`: of a machine, the version it goes by."""

    subject: str
    department: str | None
    reason: str
    weights: str | None = None


@dataclass
class Deciding:
    """Carries out decisions. Each method runs in the caller's transaction and raises Again where somebody was merged
    meanwhile, and Refused where what was asked does not stand any more."""

    folding: Folding

    async def release(
        self, connection: Connection, review: UUID, event: Reported, decision: Wanted, version: str, by: By
    ) -> None:
        """Apply a held event as was decided, and what waited for it."""
        await people.lock_keys(connection, locks_of(event))
        rejected = await people.rejected(connection, [event.receipt])
        await self.still_open(connection, review, rejected=bool(rejected))
        released, waited = await self.folding.released(connection, [event])
        events = [event, *released]
        page = await self.folding.load(connection, events)
        await self.folding.know_decisions(connection, page)
        held = Held.of(page, event)
        if held.version != version:
            raise Refused(CHANGED)
        made = await self.made(connection, page, wanted_of_held(held, decision), held.event)
        page.decisions.add(made)
        page.take_all(events)
        page.settle()
        page.close()
        if event.key not in page.known:
            raise Refused(NOT_SAID)
        await sql.close(connection, review, DECIDED)
        await self.write(connection, page, waited | {(event.receipt, AMBIGUOUS)}, made, review, by)

    async def still_open(self, connection: Connection, review: UUID, *, rejected: bool = False) -> None:
        """Lock the review. Raises Refused where it was closed meanwhile."""
        row = await sql.review(connection, review, locked=True)
        if rejected or row is None or row["standing"] != OPEN:
            raise Refused(CLOSED)

    async def made(
        self,
        connection: Connection,
        page: Page,
        wanted: Sequence[tuple[str, Mapping[Mention, int]]],
        event: Reported | None = None,
    ) -> list[Decision]:
        """Decisions with ids and with the identifiers of their records."""
        facts = {fact.mention: fact for known in page.facts.values() for fact in known}
        facts |= {fact.mention: fact for fact in event.facts.values()} if event else {}
        ring = self.folding.vault.ring
        numbers = {
            mention: frozenset(blind_index(ring, IDENTITY, n.type, n.issuer, n.value) for n in fact.body.identifiers)
            for mention, fact in facts.items()
            if any(mention in parts for _, parts in wanted)
        }
        ids = await people.new_ids(connection, len(wanted))
        return [
            Decision(identifier, kind, NOW, dict(parts), {mention: numbers[mention] for mention in parts})
            for identifier, (kind, parts) in zip(ids, wanted, strict=True)
        ]

    async def write(
        self,
        connection: Connection,
        page: Page,
        waited: set[tuple[UUID, str]],
        made: Sequence[Decision],
        review: UUID | None,
        by: By,
    ) -> None:
        """Write the people, what is told of them, and the decisions at the same instant."""
        recorded_at = await self.folding.write(connection, page, waited)
        for decision in made:
            identifier = decision.identifier
            reason = seal(self.folding.vault.ring, "registry", by.reason.encode(), b"reason" + identifier.bytes)
            who = (by.subject, by.department)
            await sql.store(
                connection, decision, recorded_at, review=review, who=who, reason=reason, weights=by.weights
            )
