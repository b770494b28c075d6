"""Comparing people: certain pairs are merged as a clerk merges them, possible ones go to a clerk, others are nothing.

What a clerk kept apart is never proposed again. A pair is only a review at first, one for each pair, whoever proposes
it; a certain one is compared once more under the locks of the fold before it is merged.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from services.registry.blocks import repository as blocks
from services.registry.blocks.handlers import Blinding
from services.registry.facts.handlers import Folding
from services.registry.facts.repository import mentioned
from services.registry.facts.state import PersonState
from services.registry.identity.decisions import MERGE, Decisions
from services.registry.identity.description import Description, describe
from services.registry.identity.score import Score, score, verdict
from services.registry.identity.weights import Weights, current
from services.registry.matching import repository as sql
from services.registry.reviews import repository as reviews
from services.registry.reviews.deciding import By, Deciding
from services.registry.reviews.pairs import Pair
from services.registry.reviews.problems import Refused
from services.registry.reviews.rules import MACHINE, POSSIBLE_MATCH, seal_explanation
from services.registry.reviews.wanted import Wanted
from shared.db import Connection, Pool, transaction
from shared.feed.follow import Again

PAGE = 20  # people compared at a time: a fold waits while the reviews of their pairs are opened
PASSING = (Again, asyncpg.DeadlockDetectedError)

States = Mapping[UUID, PersonState]
Two = tuple[UUID, UUID]
"""Two people, the smaller id first."""


@dataclass
class Matching:
    """Compares whoever is queued. Several may work side by side."""

    pool: Pool
    folding: Folding
    blinding: Blinding
    weights: Weights = field(default_factory=current)

    async def step(self) -> int:
        """Compare one page of people and merge what is certain; gives how many were compared or merged."""
        async with self.pool.acquire() as connection:
            rows = await sql.queued(connection, PAGE)
            found = await self.compare(connection, [row["person_id"] for row in rows])
        if found:
            async with transaction(self.pool) as connection:
                await self.propose(connection, found)
        async with self.pool.acquire() as connection:
            await sql.forget(connection, rows)
            certain = await sql.certain(connection, MACHINE, PAGE)
        for row in certain:
            await self.merge(row)
        return len(rows) + len(certain)

    async def compare(self, connection: Connection, people: Sequence[UUID]) -> dict[Two, Score]:
        """The pairs that may be one person, as far as they are not known to be two."""
        states = await self.states(connection, people)
        queued = list(states)
        beside = await blocks.beside(connection, [self.blinding.of(states[person]) for person in queued])
        states |= await self.states(connection, {other for _, other in beside} - states.keys())
        pairs: set[Two] = {
            (min(queued[place], other), max(queued[place], other))
            for place, other in beside
            if other in states and other != queued[place]
        }
        described = await self.described(connection, states)
        scored = {(one, other): score(described[one], described[other], self.weights) for one, other in sorted(pairs)}
        return {pair: each for pair, each in scored.items() if verdict(each, self.weights) != "none"}

    async def states(self, connection: Connection, people: Collection[UUID]) -> dict[UUID, PersonState]:
        """Those of these people who are nobody's former name, as they stand."""
        rows = await sql.living(connection, people)
        return {row["person_id"]: self.folding.vault.open_state(row["person_id"], row["state"]) for row in rows}

    async def propose(self, connection: Connection, pairs: Mapping[Two, Score]) -> None:
        """Open a review for each pair, the certain ones for the machine; none for who was merged or decided about."""
        living = await sql.still_living(connection, [person for pair in pairs for person in pair])
        for (one, other), scored in pairs.items():
            if not {one, other} <= living or await self.apart(connection, one, other):
                continue
            await reviews.ask(
                connection,
                POSSIBLE_MATCH,
                one,
                other,
                score=scored.total,
                explanation=seal_explanation(self.folding.vault, one, other, explained(scored)),
                asked_by=MACHINE if verdict(scored, self.weights) == "certain" else None,
            )

    async def described(self, connection: Connection, states: States) -> dict[UUID, Description]:
        """People as they are compared, with their parents' names."""
        named = {mention for state in states.values() for mention in (state.mother, state.father) if mention}
        who = await mentioned(connection, named)
        known = await self.states(connection, set(who.values()) - states.keys())
        names = {mention: (known.get(person) or states.get(person)) for mention, person in who.items()}

        def name(parent: PersonState | None) -> str | None:
            return parent.name if parent else None

        return {
            person: describe(
                state,
                mother=name(names.get(state.mother)) if state.mother else None,
                father=name(names.get(state.father)) if state.father else None,
            )
            for person, state in states.items()
        }

    async def apart(self, connection: Connection, one: UUID, other: UUID) -> bool:
        """Whether it was decided that they are two people."""
        records = await sql.mentions(connection, (one, other))
        decided = Decisions(await reviews.decisions_about(connection, (one, other)))
        return decided.part(records[one], records[other])

    async def merge(self, row: asyncpg.Record) -> None:
        """Merge a certain pair, as a clerk does; what is certain no more under the locks is left to a clerk."""
        by = By(MACHINE, None, "certain", str(self.weights.version))
        try:
            async with transaction(self.pool) as connection:
                deciding = Deciding(self.folding, self.certain)
                await deciding.settle(connection, row, Wanted(MERGE), None, by)
        except Refused:
            async with transaction(self.pool) as connection:
                await sql.leave(connection, row["review_id"], MACHINE)
        except PASSING:
            return  # it is certain still: the next step finds it again

    async def certain(self, connection: Connection, pair: Pair) -> bool:
        """Whether two people, locked, are one for certain."""
        one, other = pair.people
        states = {person: state for person in pair.people if (state := pair.page.states[person]) is not None}
        described = await self.described(connection, states)
        records = [[fact.mention for fact in pair.page.facts[person]] for person in pair.people]
        return not pair.page.decisions.part(*records) and (
            verdict(score(described[one], described[other], self.weights), self.weights) == "certain"
        )


def explained(scored: Score) -> list[dict[str, object]]:
    """A score field by field; what keeps it from being certain stands at the end."""
    said: list[dict[str, object]] = [
        {"field": each.field, "level": each.level, "weight": round(each.weight, 2)} for each in scored.fields
    ]
    return said + [{"field": "rule", "level": rule, "weight": None} for rule in scored.rules]
