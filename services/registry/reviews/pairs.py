"""Two people who may be one, or one who may be two: what stands of them, and what a decision moves."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.registry.facts import repository as people_sql
from services.registry.facts.handlers import Folding
from services.registry.facts.page import Page, Split, reported_of
from services.registry.facts.reported import Reported
from services.registry.facts.stored import Vault
from services.registry.facts.values import EventKey, Fact, Mention, NamedNumber
from services.registry.reviews import repository as sql
from services.registry.reviews.rules import (
    AFTER_MERGE,
    MERGE_QUESTIONED,
    SPLIT_ASKED,
    decode_asked,
    explanation_of,
    version_of,
)
from shared.crypto.blind import lock_key
from shared.db import Connection
from shared.feed.follow import Again


@dataclass(frozen=True)
class Merged:
    """A merge in question. `former`: who is another's name now; `left`: the records they had; `attached`: those that
    came to the one person in the merge or after it."""

    former: UUID
    left: frozenset[Mention]
    attached: frozenset[Mention]

    def leaving(self, facts: Sequence[Fact], gone: AbstractSet[EventKey]) -> frozenset[Mention]:
        """What goes with the former person: their records, and of those attached what hangs on theirs alone. What
        hangs on both, or on neither, stays."""
        living = {fact.mention: set(fact.body.identifiers) for fact in facts if fact.event not in gone}
        sides: dict[bool, set[NamedNumber]] = {True: set(), False: set()}
        for mention in living.keys() - self.attached:
            sides[mention in self.left] |= living[mention]
        leaving = set(self.left)
        undecided = living.keys() & self.attached
        while True:
            on = {each: [side for side, numbers in sides.items() if living[each] & numbers] for each in undecided}
            clear = {mention: found[0] for mention, found in on.items() if len(found) == 1}
            if not clear:
                return frozenset(leaving)
            for mention, theirs in clear.items():
                sides[theirs] |= living[mention]
                if theirs:
                    leaving.add(mention)
            undecided = undecided - clear.keys()


@dataclass(frozen=True)
class Pair:
    """The people of a review, and what is asked of them. `asked`: the records whose person is asked for."""

    page: Page
    people: tuple[UUID, ...]
    gone: AbstractSet[EventKey]
    merged: Merged | None = None
    asked: tuple[Mention, ...] = ()

    @property
    def version(self) -> str:
        """What a decision rests on."""
        return version_of(self.page, self.people)

    def holder(self, mention: Mention) -> UUID | None:
        """Whose record it is now."""
        return next((each for each in self.people if any(f.mention == mention for f in self.page.facts[each])), None)


def said_in(vault: Vault, row: asyncpg.Record) -> bytes:
    """What a review rests on."""
    return explanation_of(vault, row["one"], row["other"], row["explanation"])


async def pair_of(connection: Connection, folding: Folding, row: asyncpg.Record, page: Page) -> Pair:
    """The people of a review as they stand in a page. Raises Again where one was merged meanwhile."""
    people = await people_in(connection, row)
    gone = page.dead()
    merged = None
    if row["kind"] == MERGE_QUESTIONED:
        merged = await merge_of(connection, page, row["one"] if row["other"] in people else row["other"])
    asked = decode_asked(said_in(folding.vault, row)) if row["kind"] == AFTER_MERGE else []
    pair = Pair(page, tuple(sorted(people)), gone, merged)
    return Pair(page, pair.people, gone, merged, tuple(each for each in asked if pair.holder(each)))


async def people_in(connection: Connection, row: asyncpg.Record) -> list[UUID]:
    """Who is in question: of a merge the one that lives on. Raises Again where that changes just now."""
    if row["kind"] == SPLIT_ASKED:
        return [row["one"]]
    people = [row["one"], row["other"]]
    if row["kind"] == MERGE_QUESTIONED:
        named = {each: await sql.alias(connection, each) for each in people}
        return [each for each in people if named[each] is None]
    return people


async def merge_of(connection: Connection, page: Page, former: UUID) -> Merged | None:
    """What is known of a merge; None where it was undone."""
    alias = await sql.alias(connection, former)
    if alias is None:
        return None
    left = frozenset(await sql.left_with(connection, former, alias["since"]))
    facts = page.facts[alias["merged_into"]]
    return Merged(former, left, attached_since(facts, left, alias["since"]))


def attached_since(facts: Sequence[Fact], left: AbstractSet[Mention], since: datetime) -> frozenset[Mention]:
    """What came to the person in the merge or after it."""
    return frozenset(
        fact.mention
        for fact in reported_of(facts)
        if fact.mention not in left and fact.recorded_at and fact.recorded_at >= since
    )


async def load_pair(connection: Connection, folding: Folding, row: asyncpg.Record) -> Pair:
    """The people of a review, to look at."""
    page = await folding.load(connection, [], await people_in(connection, row), locked=False)
    await folding.know_decisions(connection, page)
    return await pair_of(connection, folding, row, page)


async def lock_people(
    connection: Connection, folding: Folding, people: Collection[UUID], also: AbstractSet[bytes] = frozenset()
) -> tuple[Page, list[Reported], set[tuple[UUID, str]]]:
    """Lock people as a fold does, with the ambiguous events that may become clear: identifiers first, for a page that
    resolves one of them must not do so while it moves. `also`: identifiers that they are about to get. Raises Again
    where an identifier came to them meanwhile."""
    numbers = {row["blind_index"] for row in await people_sql.numbers(connection, people)} | also
    await people_sql.lock_keys(connection, map(lock_key, numbers))
    released, waited = await folding.released(connection, [], numbers)
    page = await folding.load(connection, released, people)
    if {row["blind_index"] for row in await people_sql.numbers(connection, people)} - numbers:
        raise Again
    await folding.know_decisions(connection, page)
    return page, released, waited


def moves(page: Page, wanted: Mapping[Mention, UUID]) -> list[Split]:
    """The splits by which records come to whom they belong."""
    found: dict[tuple[UUID, UUID], set[Mention]] = {}
    for person, facts in page.facts.items():
        for fact in facts:
            if (into := wanted.get(fact.mention, person)) != person:
                found.setdefault((person, into), set()).add(fact.mention)
    return [Split(person, into, frozenset(mentions)) for (person, into), mentions in sorted(found.items())]


async def splits_of(
    connection: Connection, page: Page, person: UUID, pieces: Sequence[AbstractSet[Mention]]
) -> list[Split]:
    """How somebody falls into pieces. A former name comes back for the records that it once had; one piece stays."""
    names: list[tuple[UUID, AbstractSet[Mention]]] = [
        (row["person_id"], await sql.left_with(connection, row["person_id"], row["since"]))
        for row in await sql.names_of(connection, person)
    ]
    known = {fact.mention for fact in page.facts[person]}
    matches: dict[int, tuple[UUID, AbstractSet[Mention]]] = {}
    for number, piece in enumerate(pieces):
        for name, left in names:
            living = left & known & frozenset[Mention]().union(*pieces)
            if living and living <= piece and name not in {each for each, _ in matches.values()}:
                matches[number] = (name, left)
                break
    stays = next((number for number in range(len(pieces)) if number not in matches), 0)
    fresh = await people_sql.new_ids(connection, len(pieces))
    found = []
    for number, piece in enumerate(pieces):
        if number != stays:
            nothing: AbstractSet[Mention] = frozenset()
            into, left = matches.get(number, (fresh[number], nothing))
            others = frozenset[Mention]().union(*(each for each in pieces if each is not piece))
            found.append(Split(person, into, frozenset(piece | (left - others)), restored=number in matches))
    return found
