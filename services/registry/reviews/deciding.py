"""Carrying out what was decided about links: the people concerned are folded again and everyone is told, in one
transaction, in the order of locks of the fold."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.registry.facts import repository as people
from services.registry.facts.handlers import HEADS, Folding
from services.registry.facts.page import AMBIGUOUS, Page, Split
from services.registry.facts.reported import IDENTITY, Reported, locks_of
from services.registry.facts.told import CHANGES, imported, outcome
from services.registry.facts.values import Mention
from services.registry.identity.decisions import NOW, SPLIT, Decision
from services.registry.reviews import repository as sql
from services.registry.reviews.held import Held
from services.registry.reviews.pairs import Pair, lock_people, moves, pair_of, people_in, splits_of
from services.registry.reviews.problems import CHANGED, CLOSED, NOT_SAID, Refused
from services.registry.reviews.rules import AFTER_MERGE, ANOTHER_KIND, DECIDED, OPEN, seal_explanation, version_of_held
from services.registry.reviews.wanted import Wanted, wanted_of_held, wanted_of_pair
from shared.crypto.blind import blind_index
from shared.crypto.sealing import seal
from shared.db import Connection
from shared.feed import heads


@dataclass(frozen=True)
class By:
    """Who decides, and why. `weights`: of a machine, the version it goes by."""

    subject: str
    department: str | None
    reason: str
    weights: str | None = None


@dataclass
class Deciding:
    """Carries out decisions. `fits`: what a machine asks once more of two people who are locked.

    Each method runs in the caller's transaction and raises Again where somebody was merged
    meanwhile, and Refused where what was asked does not stand any more."""

    folding: Folding
    fits: Callable[[Connection, Pair], Awaitable[bool]] | None = None

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
        if decision.kind == SPLIT:
            for person, pieces in sorted(held.partings.items()):
                for split in await splits_of(connection, page, person, pieces):
                    page.part(split)
        self.apply(page, events)
        if event.key not in page.known:
            raise Refused(NOT_SAID)
        await sql.close(connection, review, DECIDED)
        await self.write(connection, page, waited | {(event.receipt, AMBIGUOUS)}, made, review, by)

    async def reject(self, connection: Connection, review: UUID, event: Reported, version: str, by: By) -> None:
        """Reject a held event for good: its department hears it and reports again. Whoever was permitted to supersede
        another kind meanwhile had it applied with the permit. `version`: of the event, or of those in question."""
        await people.lock_keys(connection, locks_of(event))
        rejected = await people.rejected(connection, [event.receipt])
        kind = await self.still_open(connection, review, rejected=bool(rejected))
        reason, stands = ANOTHER_KIND, version_of_held(event.receipt)
        if kind != ANOTHER_KIND:
            page = await self.folding.load(connection, [event], locked=False)
            await self.folding.know_decisions(connection, page)
            reason, stands = AMBIGUOUS, Held.of(page, event).version
        if version != stands:
            raise Refused(CHANGED)
        await sql.close(connection, review, DECIDED)
        await people.reject(connection, event.receipt)
        await people.forget_numbers(connection, [event.receipt])
        (identifier,) = await people.new_ids(connection, 1)
        at = await heads.lock(connection, HEADS)
        told = outcome(event.receipt, "rejected", reason=reason, of=imported(event))
        await self.folding.feeds.append_all(connection, {CHANGES: [told]}, locked=HEADS)
        await self.note(connection, Decision(identifier, "reject", at, {}, {}), at, review, by)

    async def settle(
        self, connection: Connection, row: asyncpg.Record, decision: Wanted, version: str | None, by: By
    ) -> None:
        """Decide about two people, or about one who may be two. `version`: None where a machine decides."""
        review = row["review_id"]
        page, released, waited = await lock_people(connection, self.folding, await people_in(connection, row))
        await self.still_open(connection, review)
        pair = await pair_of(connection, self.folding, row, page)
        if version not in (None, pair.version) or (self.fits is not None and not await self.fits(connection, pair)):
            raise Refused(CHANGED)
        made = await self.made(connection, page, wanted_of_pair(pair, row["kind"], decision))
        page.decisions.add(made)
        await sql.close(connection, review, DECIDED)
        match decision.kind:
            case "merge":
                page.join(pair.people)
            case "link":
                for split in moves(page, decision.records):
                    page.part(split)
            case "undo":
                await self.undo(connection, pair, made)
            case "split":
                for split in await self.splits(connection, pair, made):
                    page.part(split)
        self.apply(page, released)
        await self.write(connection, page, waited, made, review, by)

    async def undo(self, connection: Connection, pair: Pair, made: Sequence[Decision]) -> None:
        """Give a former person their id and records back; what came to the one person since goes to review."""
        merged, (person,), (decision,) = pair.merged, pair.people, made
        if merged is None:
            raise Refused(CLOSED)
        leaving = frozenset(mention for mention, part in decision.parts.items() if part == 0)
        pair.page.part(Split(person, merged.former, leaving, restored=True))
        if merged.attached:
            one, other = sorted((person, merged.former))
            said = seal_explanation(self.folding.vault, one, other, sorted(merged.attached))
            await sql.ask(connection, AFTER_MERGE, one, other, explanation=said)

    async def splits(self, connection: Connection, pair: Pair, made: Sequence[Decision]) -> list[Split]:
        """How somebody falls into two; a former name that had just these records comes back for them."""
        (person,), (decision,) = pair.people, made
        pieces = [{mention for mention, part in decision.parts.items() if part == n} for n in (0, 1)]
        return await splits_of(connection, pair.page, person, pieces)

    def apply(self, page: Page, events: Sequence[Reported]) -> None:
        """Apply what was held, as far as it is clear now."""
        page.take_all(events)
        page.settle()
        page.close()

    async def still_open(self, connection: Connection, review: UUID, *, rejected: bool = False) -> str:
        """Lock the review; gives its kind. Raises Refused where it was closed meanwhile."""
        row = await sql.review(connection, review, locked=True)
        if rejected or row is None or row["standing"] != OPEN:
            raise Refused(CLOSED)
        kind: str = row["kind"]
        return kind

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
            await self.note(connection, decision, recorded_at, review, by)

    async def note(self, connection: Connection, decision: Decision, at: datetime, review: UUID | None, by: By) -> None:
        """Write down who decided, and why, sealed."""
        identifier = decision.identifier
        reason = seal(self.folding.vault.ring, "registry", by.reason.encode(), b"reason" + identifier.bytes)
        who = (by.subject, by.department)
        await sql.store(connection, decision, at, review=review, who=who, reason=reason, weights=by.weights)
