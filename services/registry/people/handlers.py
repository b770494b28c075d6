"""Look-ups of people: judged by caller and purpose first, cut by agreements, written down in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from services.registry.cases.repository import held_on
from services.registry.facts.fold import Authorities, as_of, fold, spouses
from services.registry.facts.lineage import EventHeader
from services.registry.facts.repository import mentioned, superseding
from services.registry.facts.state import RELATIVES, PersonState
from services.registry.facts.stored import Vault
from services.registry.facts.told import Telling
from services.registry.facts.values import Fact, Mention
from services.registry.people import repository as sql
from services.registry.people.given import seal_given
from services.registry.people.quotas import Quotas, official
from services.registry.people.rules import Subject, may_see
from services.registry.people.schemas import PersonFound
from services.registry.sharing.agreements import AgreementsAsTold
from shared import clock
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.crypto.references import mint, read
from shared.db import Connection, Pool, transaction
from shared.errors import Forbidden, NotFound
from shared.sharing.agreement import Agreement
from shared.sharing.disclose import Disclosed, disclose


@dataclass(frozen=True)
class Instant:
    """A point on both time axes; None: now, and all that is known."""

    valid_at: date | None = None
    known_at: datetime | None = None


NOW = Instant()

Seen = tuple[Subject, Disclosed]
"""Somebody whom the caller may see, and what."""


@dataclass
class LookUps:
    """Answers questions about people."""

    pool: Pool
    vault: Vault
    telling: Telling
    agreements: AgreementsAsTold
    authorities: Authorities
    quotas: Quotas

    async def entitled(self, connection: Connection, caller: Caller) -> list[Agreement]:
        """The caller's agreements for its purpose, as the exchange told them last.

        Raises Forbidden (403), and Problem (429) beyond the official's quota of people, before anyone is looked up.
        """
        agreements = await self.agreements.current(connection)
        found = agreements.for_(caller.department or "", caller.purpose, clock.today())
        found = [agreement for agreement in found if agreement.fields]
        if not found:
            raise Forbidden("not-agreed")
        await self.quotas.people_left(connection, caller)
        return found

    async def person(self, caller: Caller, reference: str, instant: Instant) -> PersonFound:
        """One person by the caller department's own reference. Unknown and forbidden are the same 404."""
        async with transaction(self.pool) as connection:
            await sql.one_moment(connection)
            agreements = await self.entitled(connection, caller)
            subject = await self.subject(connection, caller, agreements, reference, instant)
            seen = await self.disclosed(connection, caller, agreements, [subject])
            if not seen:
                raise NotFound
            await self.write_down(connection, caller, seen, action="look-up")
            if instant == NOW:
                await self.give(connection, caller.department or "", seen)
            return await self.found(connection, caller, *seen[0], instant)

    async def subject(
        self, connection: Connection, caller: Caller, agreements: Sequence[Agreement], reference: str, instant: Instant
    ) -> Subject:
        """Whom a reference of the caller's department means, as they were at that point. Raises NotFound."""
        department = caller.department or ""
        asked = read(self.vault.ring, department, reference)
        root = await sql.root_of(connection, asked)
        if root is None:
            raise NotFound
        # What was known before a merge is asked by the reference of that time.
        person = await sql.root_known_at(connection, asked, instant.known_at) if instant.known_at else root
        own = await held_on(connection, [root], department, agreements, clock.today())
        (subject,) = await self.subjects(connection, [person], {person: own.get(root, [])}, instant)
        return subject

    async def subjects(
        self, connection: Connection, people: Sequence[UUID], own: Mapping[UUID, Sequence[Agreement]], instant: Instant
    ) -> list[Subject]:
        """People at a point of both time axes. `own`: the agreements for which the department has a case on each."""
        if instant == NOW:
            stored = await sql.states(connection, people)
            return [
                Subject(person, self.vault.open_state(person, row["state"]), own.get(person, ()), row["folded_at"])
                for person in people
                if (row := stored.get(person))
            ]
        return [
            Subject(person, await self.state(connection, person, instant), own.get(person, ())) for person in people
        ]

    async def disclosed(
        self,
        connection: Connection,
        caller: Caller,
        agreements: Sequence[Agreement],
        subjects: Sequence[Subject],
        fields: Sequence[str] | None = None,
    ) -> list[Seen]:
        """What the caller may be told of each of these people, in their order; nobody whom no agreement covers.
        `fields`: what is asked for; None asks for all there is.

        Everything that shows somebody to an official comes through here: look-ups, households, search, match, timeline.
        """
        department = caller.department or ""
        seen = [each for each in subjects if may_see(caller, agreements, each)]
        wanted = [mention for each in seen for name in RELATIVES if (mention := getattr(each.state, name))]
        relatives = await mentioned(connection, wanted)
        cuts = (
            disclose(
                self.telling.state(each.state, relatives, (department,)),
                [agreement for agreement in agreements if agreement in each.by_case or agreement.scope == "everyone"],
                receiver=department,
                holds_case=bool(each.by_case),
                registered=each.state.registered,
                fields=fields,
            )
            for each in seen
        )
        return list(zip(seen, cuts, strict=True))

    async def write_down(self, connection: Connection, caller: Caller, seen: Sequence[Seen], *, action: str) -> None:
        """Enter into the access log what is shown, and count whom the official sees."""
        by_basis: dict[str, list[Reading]] = {}
        for subject, shown in seen:
            reading = Reading(str(subject.person), tuple(shown.fields))
            by_basis.setdefault(",".join(shown.basis), []).append(reading)
        for basis, readings in by_basis.items():
            await record(connection, caller, readings, action=action, basis=basis)
        if seen:
            who = official(caller)
            await sql.seen(connection, clock.today(), [(who, subject.person) for subject, _ in seen])

    async def give(self, connection: Connection, department: str, seen: Sequence[Seen]) -> None:
        """Note what a department is given of people as they are now: it is told right again should it turn out to be
        wrong. What was true once was given as such, and cannot turn out to be wrong today."""
        rows = [
            (subject.person, subject.folded_at, seal_given(self.vault.ring, department, shown))
            for subject, shown in seen
            if subject.folded_at is not None
        ]
        if rows:
            await sql.given(connection, rows)

    async def found(
        self, connection: Connection, caller: Caller, subject: Subject, shown: Disclosed, instant: Instant = NOW
    ) -> PersonFound:
        """The answer about one person."""
        department = caller.department or ""
        return PersonFound(
            reference=self.telling.reference(department, subject.person),
            fields=shown.fields,
            withheld=list(shown.withheld),
            basis=list(shown.basis),
            household=await self.household(connection, department, shown),
            valid_at=instant.valid_at,
            known_at=instant.known_at,
        )

    async def state(self, connection: Connection, person: UUID, instant: Instant) -> PersonState:
        """The person at a point of both time axes, folded from the facts."""
        said, dead = as_of(*await self.facts(connection, person, instant.known_at), instant.valid_at, instant.known_at)
        state = fold(said, dead, self.authorities)
        if state.spouse is None:
            return state
        return fold(said, dead, self.authorities, await self.deaths(connection, spouses(said, dead), instant))

    async def deaths(
        self, connection: Connection, mentions: Iterable[Mention], instant: Instant
    ) -> dict[Mention, date]:
        """When spouses died, by whoever they were known to be then."""
        found: dict[Mention, date] = {}
        for mention, person in (await mentioned(connection, mentions, instant.known_at)).items():
            known = await self.facts(connection, person, instant.known_at)
            state = fold(*as_of(*known, instant.valid_at, instant.known_at), self.authorities)
            if state.died_on is not None:
                found[mention] = state.died_on
        return found

    async def facts(
        self, connection: Connection, person: UUID, known_at: datetime | None
    ) -> tuple[list[Fact], list[EventHeader]]:
        """The facts that were linked to a person by then, and what supersedes any of them."""
        rows = await sql.facts(connection, person, known_at)
        facts = [
            msgspec.structs.replace(
                self.vault.open_fact(row["receipt"], row["role"], row["body"]), recorded_at=row["recorded_at"]
            )
            for row in rows
        ]
        return facts, await superseding(connection, {row["lineage"] for row in rows})

    async def household(self, connection: Connection, department: str, shown: Disclosed) -> str | None:
        """A reference of the household, where its number may be seen."""
        number = shown.fields.get("household_number")
        if not isinstance(number, str):
            return None
        household = await sql.household_id(connection, number)
        return mint(self.vault.ring, department, household) if household else None
