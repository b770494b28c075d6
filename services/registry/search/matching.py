"""Whom of the people known a description may mean: candidates with a score, field by field. Nothing is linked here, and
nothing stored but the access log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from services.registry.blocks import repository as blocks
from services.registry.cases.repository import held_on
from services.registry.facts.reported import IDENTITY
from services.registry.facts.repository import mentioned
from services.registry.facts.values import RESIDENT_NUMBER, NamedNumber, named_number
from services.registry.identity.blocking import search_blocks
from services.registry.identity.description import Description
from services.registry.identity.score import Score, score, verdict
from services.registry.identity.weights import Weights, current
from services.registry.people import repository as people_sql
from services.registry.people.handlers import NOW, LookUps, Seen
from services.registry.people.rules import Asking, Subject
from services.registry.search.handlers import Searches, refuse_names
from services.registry.search.rules import COMPARED
from services.registry.search.schemas import MOST_HITS, Candidate, Candidates, Compared, Described
from shared import clock
from shared.auth.caller import Caller
from shared.crypto.blind import blind_index
from shared.db import Connection, transaction
from shared.sharing.agreement import Agreement
from shared.sharing.disclose import Disclosed

PARENTS: Final = ("mother", "father")


@dataclass(frozen=True)
class Matching:
    """Compares a description with people."""

    searches: Searches

    @property
    def look_ups(self) -> LookUps:
        """What decides whom the caller may see."""
        return self.searches.look_ups

    async def match(self, caller: Caller, described: Described) -> Candidates:
        """The candidates whom the caller may see, scored by what the caller may see of them and by nothing else.
        Raises Forbidden; Problem (429) beyond a quota."""
        await self.look_ups.quotas.count_search(self.look_ups.pool, caller)
        async with transaction(self.look_ups.pool, one_moment=True) as connection:
            agreements = await self.look_ups.entitled(connection, caller)
            refuse_names(agreements)
            found = await self.found(connection, caller, agreements, described)
            asking = [Asking(caller, agreements, each) for each in found]
            cuts = await self.look_ups.disclosed(connection, asking, asked_for(described))
            seen = {each.subject.person: (each, shown) for each, shown in cuts}
            parents = await self.parents(connection, caller, agreements, found, seen, described)
            return await self.best(connection, caller, described, seen, parents)

    async def found(
        self, connection: Connection, caller: Caller, agreements: Sequence[Agreement], described: Described
    ) -> list[Subject]:
        """Everyone who has one of the numbers or stands in one of the blocks of the description."""
        ring = self.look_ups.vault.ring
        keys = self.searches.blinding.keys(search_blocks(described.name, described.birth_date))
        people = {row["person_id"] for row in await blocks.candidates(connection, keys)}
        for number in map(named_number, described.identifiers):
            index = blind_index(ring, IDENTITY, number.type, number.issuer, number.value)
            people |= set(await people_sql.holders(connection, index))
        own = await held_on(connection, sorted(people), caller.department or "", agreements, clock.today())
        return await self.look_ups.subjects(connection, sorted(people), own, NOW)

    async def parents(
        self,
        connection: Connection,
        caller: Caller,
        agreements: Sequence[Agreement],
        found: Sequence[Subject],
        seen: Mapping[UUID, Seen],
        described: Described,
    ) -> dict[tuple[UUID, str], Seen]:
        """The parents by whom candidates may be compared: shown as parents, and themselves people whose name the caller
        may see. By child and field."""
        wanted = {
            (each.person, field): mention
            for each in found
            for field in PARENTS
            if by_parent(described)[field] and each.person in seen and field in seen[each.person][1].fields
            if (mention := getattr(each.state, field))
        }
        who = await mentioned(connection, wanted.values())
        people = sorted({who[mention] for mention in wanted.values() if mention in who})
        own = await held_on(connection, people, caller.department or "", agreements, clock.today())
        known = await self.look_ups.subjects(connection, people, own, NOW)
        asking = [Asking(caller, agreements, each) for each in known]
        cuts = await self.look_ups.disclosed(connection, asking, ("name",))
        named = {each.subject.person: (each, shown) for each, shown in cuts}
        return {
            child: named[who[mention]] for child, mention in wanted.items() if mention in who and who[mention] in named
        }

    async def best(
        self,
        connection: Connection,
        caller: Caller,
        described: Described,
        seen: Mapping[UUID, Seen],
        parents: Mapping[tuple[UUID, str], Seen],
    ) -> Candidates:
        """The likeliest candidates, written down with the parents by whom they were compared."""
        weights = current()
        asked = description_of(described)
        scored: list[tuple[UUID, Score]] = []
        for person, (_, shown) in seen.items():
            named = {field: parents[person, field][1] for field in PARENTS if (person, field) in parents}
            weighed = score(asked, shown_description(shown, named), weights)
            if verdict(weighed, weights) != "none":
                scored.append((person, weighed))
        scored = sorted(scored, key=lambda each: (-each[1].total, each[0]))[:MOST_HITS]
        told = {person: seen[person] for person, _ in scored}
        compared_with = {each[0].subject.person: each for (child, _), each in parents.items() if child in told}
        await self.look_ups.write_down(connection, [*(compared_with | told).values()], action="match")
        department = caller.department or ""
        return Candidates(
            weights=weights.version,
            candidates=[
                candidate(self.look_ups.telling.reference(department, person), seen[person][1], weighed, weights)
                for person, weighed in scored
            ],
        )


def asked_for(described: Described) -> tuple[str, ...]:
    """The fields that the description speaks of."""
    said = {"sex": described.sex, "identity_number": described.identifiers, **by_parent(described)}
    return (*COMPARED, *(field for field, value in said.items() if value))


def by_parent(described: Described) -> dict[str, str | None]:
    """The names of the parents, as described."""
    return {"mother": described.mother, "father": described.father}


def description_of(described: Described) -> Description:
    """What was sent, as it is compared: of numbers only those that can be shown of anybody."""
    numbers = {named_number(each) for each in described.identifiers if each.type == RESIDENT_NUMBER}
    return Description(
        name=described.name,
        sex=described.sex,
        birth_date=described.birth_date,
        numbers=tuple(sorted(numbers)),
        mother=described.mother,
        father=described.father,
    )


def shown_description(shown: Disclosed, parents: Mapping[str, Disclosed]) -> Description:
    """A person as far as the caller may see them: what is withheld is as if nobody had said it."""
    number, birth_date = shown.fields.get("identity_number"), shown.fields.get("birth_date")
    return Description(
        name=text(shown, "name") or "",
        sex=text(shown, "sex"),
        birth_date=birth_date if isinstance(birth_date, date) else None,
        numbers=(NamedNumber(RESIDENT_NUMBER, number),) if isinstance(number, str) else (),
        mother=text(parents["mother"], "name") if "mother" in parents else None,
        father=text(parents["father"], "name") if "father" in parents else None,
    )


def text(shown: Disclosed, field: str) -> str | None:
    """A field as text, where it is shown and known."""
    value = shown.fields.get(field)
    return value if isinstance(value, str) else None


def candidate(reference: str, shown: Disclosed, weighed: Score, weights: Weights) -> Candidate:
    """One candidate, explained by the fields that were compared."""
    return Candidate(
        reference=reference,
        verdict=verdict(weighed, weights),
        score=round(weighed.total, 3),
        fields=[
            Compared(field=field, level=each.level, weight=round(each.weight, 3))
            for each in weighed.fields
            if (field := "identity_number" if each.field == "numbers" else each.field) in shown.fields
        ],
        rules=list(weighed.rules),
        withheld=list(shown.withheld),
        basis=list(shown.basis),
    )
