"""Look-ups of people: judged by caller and purpose first, cut by agreements, written down in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import msgspec

from services.registry.areas.handlers import Areas
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
from services.registry.people.rules import Asking, Subject, may_see
from services.registry.people.schemas import PersonFound
from services.registry.protection.repository import protectors
from services.registry.sharing.agreements import AgreementsAsTold
from shared import clock
from shared.audit.log import Reading
from shared.auth.caller import Caller
from shared.crypto.references import mint, read
from shared.db import Connection, Pool, transaction
from shared.errors import Forbidden, NotFound
from shared.sharing.agreements import Agreement, Agreements
from shared.sharing.disclose import Disclosed, disclose
from shared.sharing.protected import withheld_from


@dataclass(frozen=True)
class Instant:
    """A point on both time axes; None: now, and all that is known."""

    valid_at: date | None = None
    known_at: datetime | None = None


NOW = Instant()

AREAS = ("registered_area", "current_area")

Seen = tuple[Asking, Disclosed]
"""Somebody whom an official may see, and what."""


@dataclass
class LookUps:
    """Answers questions about people."""

    pool: Pool
    vault: Vault
    telling: Telling
    agreements: AgreementsAsTold
    authorities: Authorities
    quotas: Quotas
    areas: Areas

    async def entitled(self, connection: Connection, caller: Caller) -> list[Agreement]:
        """The caller's agreements for its purpose, as the exchange told them last.

        Raises Forbidden (403), and Problem (429) beyond the official's quota of people, before anyone is looked up.
        """
        found = agreed(await self.agreements.current(connection), caller)
        await self.quotas.people_left(connection, caller)
        return found

    async def person(self, caller: Caller, reference: str, instant: Instant) -> PersonFound:
        """One person by the caller department's own reference, at a point of both time axes. Unknown and forbidden are
        the same 404. As they are now: `Together.person`."""
        async with transaction(self.pool, one_moment=True) as connection:
            agreements = await self.entitled(connection, caller)
            subject = await self.subject(connection, caller, agreements, reference, instant)
            seen = await self.disclosed(connection, [Asking(caller, agreements, subject)], instant=instant)
            if not seen:
                raise NotFound
            await self.write_down(connection, seen, action="look-up")
            (answer,) = await self.answers(connection, seen, instant)
            return answer

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
        asked: Sequence[Asking],
        fields: Sequence[str] | None = None,
        instant: Instant = NOW,
    ) -> list[Seen]:
        """What each caller may be told of whom they ask about, in their order; nothing where no agreement covers the
        person. `fields`: what is asked for; None asks for all there is. Areas have the codes that they had become by
        the day, in what is told and in what a token is limited to.

        Everything that shows somebody to an official comes through here: look-ups, households, search, match, timeline.
        """
        hidden = await self.hidden(connection, asked)
        moved = await self.areas.moved(connection, instant.valid_at, instant.known_at)

        def here(asking: Asking) -> Asking:
            return replace(asking, subject=replace(asking.subject, state=moved.of(asking.subject.state)))

        seen = [each for each in asked if may_see(here(each), protected_from=each.whose in hidden)]
        wanted = [mention for each in seen for name in RELATIVES if (mention := getattr(each.subject.state, name))]
        relatives = await mentioned(connection, wanted)
        return [(each, self.cut(here(each), relatives, fields, hidden=each.whose in hidden)) for each in seen]

    async def hidden(self, connection: Connection, asked: Sequence[Asking]) -> set[tuple[UUID, str]]:
        """Of whom of these it is withheld from which of these departments where they live."""
        by = await protectors(connection, [each.subject.person for each in asked])
        return {each.whose for each in asked if withheld_from(each.department, by.get(each.subject.person, ()))}

    def cut(
        self, asking: Asking, relatives: Mapping[Mention, UUID], fields: Sequence[str] | None, *, hidden: bool
    ) -> Disclosed:
        """The fields that are agreed, relatives as the department's references."""
        subject = asking.subject
        return disclose(
            self.telling.state(subject.state, relatives, (asking.department,)),
            [each for each in asking.agreements if each in subject.by_case or each.scope == "everyone"],
            receiver=asking.department,
            holds_case=bool(subject.by_case),
            registered=subject.state.registered,
            protected_from=hidden,
            fields=fields,
        )

    async def write_down(
        self, connection: Connection, seen: Sequence[Seen], *, action: str, given: Sequence[Seen] = ()
    ) -> None:
        """Enter into the access log what is shown, count whom each official sees, and note what departments are `given`
        of people as they are now: it is told right again should it turn out to be wrong. What was true once was given
        as such, and cannot turn out to be wrong today. Areas are noted as they were reported, which is how they are
        told elsewhere: another list of areas is nobody's correction."""
        if not seen:
            return
        readings = [
            (asking.caller, Reading(str(asking.subject.person), tuple(shown.fields)), ",".join(shown.basis))
            for asking, shown in seen
        ]
        counted = [(official(asking.caller), asking.subject.person) for asking, _ in seen]
        noted = [
            (asking.subject.person, folded_at, seal_given(self.vault.ring, asking.department, reported(asking, shown)))
            for asking, shown in given
            if (folded_at := asking.subject.folded_at) is not None
        ]
        await sql.write_down(connection, readings, counted, noted, action=action, day=clock.today())

    async def answers(self, connection: Connection, seen: Sequence[Seen], instant: Instant = NOW) -> list[PersonFound]:
        """The answers about people, each with a reference of the household where its number may be seen."""
        numbers = [number for _, shown in seen if isinstance(number := shown.fields.get("household_number"), str)]
        households = await sql.households(connection, numbers)
        found = []
        for asking, shown in seen:
            household = households.get(str(shown.fields.get("household_number")))
            found.append(
                PersonFound(
                    reference=self.telling.reference(asking.department, asking.subject.person),
                    fields=shown.fields,
                    withheld=list(shown.withheld),
                    basis=list(shown.basis),
                    household=mint(self.vault.ring, asking.department, household) if household else None,
                    valid_at=instant.valid_at,
                    known_at=instant.known_at,
                )
            )
        return found

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


def reported(asking: Asking, shown: Disclosed) -> Disclosed:
    """What is shown, with the codes of areas as they were reported."""
    codes = {name: getattr(asking.subject.state, name) for name in AREAS if name in shown.fields}
    return replace(shown, fields={**shown.fields, **codes})


def agreed(standing: Agreements, caller: Caller) -> list[Agreement]:
    """The caller's agreements for its purpose that disclose anything. Raises Forbidden (403)."""
    found = standing.for_(caller.department or "", caller.purpose, clock.today())
    found = [agreement for agreement in found if agreement.fields]
    if not found:
        raise Forbidden("not-agreed")
    return found
