"""Judges families whose facts changed: each person beside the closest relatives, as everything stands by then.

Whatever is folded after this looks asks again, so that in the end every family has been judged as it is: it does not
matter who was folded first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from services.registry.contradictions import repository as sql
from services.registry.contradictions.family import Relative, asked_about, in_the_family
from services.registry.contradictions.keeping import Keeping
from services.registry.contradictions.rivals import Correction, counting, rival_corrections
from services.registry.contradictions.rules import living_of
from services.registry.contradictions.values import FAMILY_KINDS, Contradiction
from services.registry.facts import repository as facts_sql
from services.registry.facts.lineage import dead
from services.registry.facts.state import UNKNOWN_PERSON
from services.registry.facts.stored import Vault
from services.registry.facts.values import Fact, Mention
from shared import clock
from shared.db import Connection, Pool, transaction

PEOPLE = 100  # asked for in one transaction; each may bring a family along


@dataclass
class Known:
    """The facts about one person, those that count in order; lineage → the facts of it."""

    living: list[Fact] = field(default_factory=list)
    lines: dict[UUID, list[Fact]] = field(default_factory=dict)


async def judge_families(pool: Pool, vault: Vault) -> int:
    """Judge the next families; returns how many people were asked for. Nothing where another process judges."""
    async with transaction(pool) as connection:
        if not await sql.alone(connection):
            return 0
        asked = await sql.take(connection, PEOPLE)
        if asked:
            people = await sql.family(connection, asked)
            found = await found_in(connection, vault, people)
            await Keeping(vault.ring).settle(connection, found, FAMILY_KINDS, clock.now())
        return len(asked)


async def found_in(connection: Connection, vault: Vault, people: Iterable[UUID]) -> dict[UUID, set[Contradiction]]:
    """What contradicts between these people and their relatives, now. Nothing of an alias: it has no facts."""
    return await beside_relatives(connection, vault, await known(connection, vault, people))


async def beside_relatives(
    connection: Connection, vault: Vault, judged: Mapping[UUID, Known]
) -> dict[UUID, set[Contradiction]]:
    """What contradicts between people whose facts are known and their relatives, as these are stored."""
    mentions = {mention for each in judged.values() for mention in asked_about(each.living)}
    who = await facts_sql.mentioned(connection, mentions)
    everyone = {**judged, **await known(connection, vault, set(who.values()) - judged.keys())}
    states = {
        row["person_id"]: vault.open_state(row["person_id"], row["state"])
        for row in await facts_sql.states(connection, set(who.values()))
    }
    kin: Mapping[Mention, Relative] = {
        mention: Relative(person, everyone[person].living, states.get(person, UNKNOWN_PERSON))
        for mention, person in who.items()
    }
    corrections = await sql.corrections(connection, {lineage for each in judged.values() for lineage in each.lines})
    return {
        person: in_the_family(each.living, kin) | corrected_twice(each, corrections) for person, each in judged.items()
    }


def corrected_twice(person: Known, corrections: Mapping[UUID, list[Correction]]) -> set[Contradiction]:
    """Rival corrections that concern the person: of a line that counts about them, or, where nothing of it counts any
    more, that began with them."""
    found: set[Contradiction] = set()
    for lineage, facts in person.lines.items():
        line = corrections.get(lineage, [])
        stands = counting(line)
        if any(fact.event in stands or (not stands and fact.supersedes is None) for fact in facts):
            found |= rival_corrections(line)
    return found


async def known(connection: Connection, vault: Vault, people: Iterable[UUID]) -> dict[UUID, Known]:
    """The facts of people."""
    listed = list(people)
    facts: dict[UUID, list[Fact]] = {person: [] for person in listed}
    found = {person: Known() for person in listed}
    rows = await facts_sql.facts(connection, listed)
    for row in rows:
        fact = vault.open_fact(row["receipt"], row["role"], row["body"])
        facts[row["person_id"]].append(fact)
        found[row["person_id"]].lines.setdefault(row["lineage"], []).append(fact)
    gone = dead(await facts_sql.superseding(connection, {row["lineage"] for row in rows}))
    for person, each in found.items():
        each.living = living_of(facts[person], gone)
    return found
