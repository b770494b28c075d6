"""Reviews: listed, looked at, decided. A decision stands for ever after (identity/decisions.py)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.registry.facts.handlers import Folding
from services.registry.facts.values import Mention
from services.registry.people.quotas import Quotas
from services.registry.reviews import repository as sql
from services.registry.reviews.deciding import By, Deciding
from services.registry.reviews.held import event_held, held_now
from services.registry.reviews.pairs import load_pair, said_in
from services.registry.reviews.problems import CHANGED, CLOSED, FOUR_EYES, NOT_SAID, Refused
from services.registry.reviews.rules import (
    AFTER_MERGE,
    ANOTHER_KIND,
    DECIDED,
    HELD_KINDS,
    MACHINE,
    MERGE_QUESTIONED,
    OPEN,
    POSSIBLE_MATCH,
    SPLIT_ASKED,
    about_of,
    decode_asked,
    decode_explanation,
    seal_explanation,
    version_of_held,
)
from services.registry.reviews.schemas import Asked, Decision, DecisionTaken, ReviewList, ReviewListed, ReviewShown
from services.registry.reviews.shown import (
    asked_of,
    candidates_of,
    hidden_from,
    merge_questioned,
    partings_of,
    questions_of,
    write_down,
)
from services.registry.reviews.wanted import Wanted
from shared.auth.caller import Caller
from shared.crypto.references import read
from shared.db import Connection, Pool, transaction
from shared.errors import NotFound
from shared.feed.follow import Again

ASKED_KINDS = {"merge": POSSIBLE_MATCH, "split": SPLIT_ASKED, "undo": MERGE_QUESTIONED}
TRIES = 5  # somebody was merged meanwhile, or two waited for each other: look again


@dataclass
class Reviews:
    """The desk of the registry's clerks: those of `authority`, the department that registers identity numbers."""

    pool: Pool
    folding: Folding
    authority: str
    quotas: Quotas

    async def listed(self, standing: str, kind: str | None, after: UUID | None, limit: int) -> ReviewList:
        """Reviews without anybody in them, the oldest first."""
        async with self.pool.acquire() as connection:
            rows = await sql.listed(connection, after, standing, kind, limit)
        found = [ReviewListed.model_validate(head(row)) for row in rows]
        return ReviewList(reviews=found, next_after=found[-1].review if len(found) == limit else None)

    async def shown(self, caller: Caller, identifier: UUID) -> ReviewShown:
        """A review with everyone in question; each look is written down and counted. Raises NotFound, and
        Problem (429) beyond the official's quota of people."""
        async with transaction(self.pool, one_moment=True) as connection:
            await self.quotas.people_left(connection, caller)
            row = await sql.review(connection, identifier)
            if row is None:
                raise NotFound
            said = head(row) | {"decided": [dict(each) for each in await sql.decided(connection, identifier)]}
            if row["standing"] == OPEN:
                said |= await self.question(connection, caller, row)
        return ReviewShown.model_validate(said)

    async def question(self, connection: Connection, caller: Caller, row: asyncpg.Record) -> dict[str, object]:
        """Everyone in question, side by side; nobody where an event is held for what it supersedes."""
        if row["kind"] == ANOTHER_KIND:
            return {"version": version_of_held(row["receipt"])}
        if row["kind"] not in HELD_KINDS:
            return await self.people(connection, caller, row)
        held = await held_now(connection, self.folding, row["receipt"])
        if held is None:
            return {}
        telling = self.folding.telling
        await self.write_down(connection, caller, held.people, "review")
        hidden = await hidden_from(connection, self.authority, held.people)
        return {
            "version": held.version,
            "candidates": candidates_of(telling, self.authority, held.page, held.people, held.gone, hidden),
            "questions": questions_of(telling, self.authority, held),
            "partings": partings_of(telling, self.authority, held),
        }

    async def write_down(self, connection: Connection, caller: Caller, people: Collection[UUID], action: str) -> None:
        """Write down and count whom a clerk looks at, in the transaction that shows them."""
        await write_down(connection, caller, people, action)
        await self.quotas.count_people(connection, caller, people)

    async def people(self, connection: Connection, caller: Caller, row: asyncpg.Record) -> dict[str, object]:
        """Two people who may be one, or one who may be two."""
        pair = await load_pair(connection, self.folding, row)
        await self.write_down(connection, caller, pair.people, "review")
        telling = self.folding.telling
        hidden = await hidden_from(connection, self.authority, pair.people)
        scored = decode_explanation(said_in(self.folding.vault, row)) if row["kind"] != AFTER_MERGE else []
        return {
            "version": pair.version,
            "candidates": candidates_of(telling, self.authority, pair.page, pair.people, pair.gone, hidden),
            "questions": asked_of(telling, self.authority, pair),
            "partings": merge_questioned(telling, self.authority, pair),
            "score": None if hidden else row["score"],
            "explanation": [each for each in scored if not (hidden and each["field"] == "area")],
        }

    async def ask(self, caller: Caller, asked: Asked) -> UUID:
        """Ask for a merge of two people, for somebody to be split, or whether a merge was right: another official
        decides. Raises NotFound for somebody unknown, and Refused where two are one, or one is nobody's former name."""
        people = [read(self.folding.vault.ring, self.authority, each) for each in asked.people]
        for _ in range(TRIES):
            try:
                async with transaction(self.pool) as connection:
                    await self.quotas.people_left(connection, caller)
                    return await self.open(connection, caller, asked, people)
            except (Again, asyncpg.DeadlockDetectedError):
                continue
        raise Refused(CHANGED)

    async def open(self, connection: Connection, caller: Caller, asked: Asked, people: list[UUID]) -> UUID:
        """Open the review. Raises Again where somebody was merged, or a merge undone, just now."""
        former = [await sql.alias(connection, each) for each in people]
        living = [row["merged_into"] if row else person for row, person in zip(former, people, strict=True)]
        if asked.ask == "undo":
            if former[0] is None:
                raise Refused(NOT_SAID)
            one, other = sorted((people[0], living[0]))
        else:
            one, other = min(living), max(living)
        if (one == other) != (asked.ask == "split"):
            raise Refused(NOT_SAID)
        if not await sql.known(connection, (one, other)):
            raise NotFound
        # Whom a fold merges now would leave a review that nobody can decide.
        if not await sql.stay(connection, living) or former != [await sql.alias(connection, each) for each in people]:
            raise Again
        vault, why = self.folding.vault, {"field": "asked", "said": asked.reason}
        await self.write_down(connection, caller, {one, other}, "review-asked")
        row = await sql.open_of_pair(connection, ASKED_KINDS[asked.ask], one, other)
        if row is not None and row["asked_by"] in {None, MACHINE}:  # who asks for it, too, does not decide it
            more = seal_explanation(vault, one, other, [*decode_explanation(said_in(vault, row)), why])
            await sql.ask_too(connection, row["review_id"], more, caller.subject, MACHINE)
        said = seal_explanation(vault, one, other, [why])
        return await sql.ask(connection, ASKED_KINDS[asked.ask], one, other, explanation=said, asked_by=caller.subject)

    async def decide(self, caller: Caller, identifier: UUID, decision: Decision) -> DecisionTaken:
        """Decide, fold again and tell everyone, in one transaction. Raises NotFound, and Refused where it was closed
        meanwhile, where somebody changed, or where the decision does not fit what is asked."""
        for _ in range(TRIES):
            try:
                async with transaction(self.pool) as connection:
                    await self.take(connection, caller, identifier, decision)
                return DecisionTaken(review=identifier, standing=DECIDED)
            except (Again, asyncpg.DeadlockDetectedError):
                continue
        raise Refused(CHANGED)

    async def take(self, connection: Connection, caller: Caller, identifier: UUID, decision: Decision) -> None:
        """Take a decision in this transaction."""
        row = await sql.review(connection, identifier)
        if row is None:
            raise NotFound
        if row["standing"] != OPEN:
            raise Refused(CLOSED)
        if row["asked_by"] == caller.subject:
            raise Refused(FOUR_EYES)
        to = {about: self.person(each) for about, each in decision.to.items()}
        by = By(caller.subject, caller.department, decision.reason)
        deciding = Deciding(self.folding)
        rejects, held = decision.decision == "reject", row["kind"] in {*HELD_KINDS, ANOTHER_KIND}
        if (rejects and not held) or (row["kind"] == ANOTHER_KIND and not rejects):
            raise Refused(NOT_SAID)
        if not held:
            wanted = Wanted(decision.decision, records=self.records(row, to), leaving=frozenset(decision.leaving))
            await deciding.settle(connection, row, wanted, decision.version, by)
            return
        event = await event_held(connection, self.folding, row["receipt"])
        if event is None:
            raise Refused(CLOSED)
        if rejects:
            if to or decision.leaving:
                raise Refused(NOT_SAID)
            await deciding.reject(connection, identifier, event, decision.version, by)
            return
        wanted = Wanted(decision.decision, to, leaving=frozenset(decision.leaving))
        await deciding.release(connection, identifier, event, wanted, decision.version, by)

    def records(self, row: asyncpg.Record, to: Mapping[str, UUID]) -> dict[Mention, UUID]:
        """The records that a decision names. Raises Refused for one that is not asked for."""
        asked = decode_asked(said_in(self.folding.vault, row)) if row["kind"] == AFTER_MERGE else []
        named = {about_of(mention): mention for mention in asked}
        if not to.keys() <= named.keys():
            raise Refused(NOT_SAID)
        return {named[about]: person for about, person in to.items()}

    def person(self, reference: str) -> UUID:
        """Whom the department means. Raises Refused for what is no reference of its own."""
        try:
            return read(self.folding.vault.ring, self.authority, reference)
        except NotFound:
            raise Refused(NOT_SAID) from None


def head(row: asyncpg.Record) -> dict[str, object]:
    """A row without anybody in it."""
    return {
        "review": row["review_id"],
        "kind": row["kind"],
        "standing": row["standing"],
        "opened_at": row["opened_at"],
        "due": row["due"],
        "asked": row["asked_by"] is not None,
    }
