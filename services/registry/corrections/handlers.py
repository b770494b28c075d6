"""The desk of an authority: corrections listed, looked at, decided, taken back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import asyncpg

from services.registry.citizens.record import sources
from services.registry.corrections import repository as sql
from services.registry.corrections.asking import AskingCorrections
from services.registry.corrections.deciding import Deciding
from services.registry.corrections.problems import CLOSED, FOUR_EYES, NOT_SAID, Refused
from services.registry.corrections.rules import (
    ANNULMENT,
    ANSWER,
    APPROVED,
    BODY,
    DIRECT,
    OPEN,
    PERMITTED,
    REFUSED,
    SETTLED,
    Answer,
    Wanted,
    checked,
    decode_wanted,
    opened,
    sealed,
)
from services.registry.corrections.schemas import (
    Decision,
    EventShown,
    ListedCorrections,
    Question,
    Shown,
    Side,
    Standing,
)
from services.registry.corrections.told import annulment
from services.registry.facts.approved import DIED_ON
from services.registry.facts.fold import as_of
from services.registry.facts.lineage import ANNULLED, EventHeader
from services.registry.facts.repository import mentioned
from services.registry.facts.state import UNKNOWN_PERSON, PersonState
from services.registry.facts.values import Fact, Mention
from services.registry.people.handlers import NOW
from services.registry.people.quotas import official
from services.registry.people.repository import seen as seen_by
from services.registry.people.repository import states
from services.registry.people.rules import Asking
from services.registry.protection.repository import protectors
from shared import clock
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.contracts.catalogue import CATALOGUE, full_type
from shared.db import Connection, transaction
from shared.errors import NotFound
from shared.feed.follow import Again
from shared.sharing.agreements import Agreement
from shared.sharing.fields import REFERENCE_FIELDS
from shared.sharing.protected import WITHHELD, withheld_from

TRIES = 5  # somebody was merged meanwhile, or two waited for each other: look again
PURPOSE, BASIS = "correction", "registering-authority"
SHOWN = ("name", "birth_date")
NOT_GIVEN: Final = {
    "value": None,
    "lives": False,
    "since": None,
    "reason": None,
    "approved": None,
    "answer": None,
    "law": None,
    "annulled_because": None,
}
"""What the department that asked does not read of its request where it is not given the field of the person."""


@dataclass
class Corrections:
    """Requests as departments see them: the one that asked, and the authority on the field, which decides."""

    asking: AskingCorrections
    deciding: Deciding

    async def listed(
        self, department: str, side: Side, standing: Standing | None, after: UUID | None, limit: int
    ) -> ListedCorrections:
        """Requests without anybody in them, the one due first first, and so the overdue ones before all."""
        async with self.asking.pool.acquire() as connection:
            rows = await sql.listed(
                connection, department, standing, clock.today(), after, limit, asked=side == "asked"
            )
        return ListedCorrections(
            corrections=[self.asking.listed(row, to_authority=side == "to-decide") for row in rows],
            next_after=rows[-1]["request_id"] if len(rows) == limit else None,
        )

    async def shown(self, caller: Caller, request: UUID) -> Shown:
        """One request: for the authority on the field with the purpose `correction`, for the department that asked with
        a purpose for which an agreement stands. Written down, and counted as somebody seen.

        Raises Forbidden where nothing is agreed, and Problem (429) beyond the official's quota, before anything is
        looked up; NotFound for anybody else's.
        """
        look_ups = self.asking.look_ups
        async with transaction(self.asking.pool, one_moment=True) as connection:
            if caller.purpose != PURPOSE:
                agreements = await look_ups.entitled(connection, caller)
                return await self.to_asker(connection, caller, request, agreements)
            await look_ups.quotas.people_left(connection, caller)
            return await self.to_authority(connection, caller, request)

    async def to_asker(
        self, connection: Connection, caller: Caller, request: UUID, agreements: Sequence[Agreement]
    ) -> Shown:
        """A request for the department that asked. Raises NotFound for any other.

        Without a case or an agreement any more, or of somebody who is protected from the department, it still learns
        how its request stands; what was said about the person it does not.
        """
        row = await sql.one(connection, request)
        if row is None or row["department"] is None or row["department"] != caller.department:
            raise NotFound
        person = (await self.asking.names_of(connection, row["person_id"]))[0]
        reference = self.deciding.folding.telling.reference(row["department"], person)
        look_ups, field = self.asking.look_ups, row["field"]
        subject = await look_ups.subject(connection, caller, agreements, reference, NOW)
        seen = await look_ups.disclosed(connection, [Asking(caller, agreements, subject)], [field])
        given = [each for each in seen if field in each[1].fields]
        await look_ups.write_down(connection, given, action="correction")
        if not given:
            reading = Reading(str(person), ())
            await record(connection, caller, [reading], action="correction", basis="own-request")
            await seen_by(connection, clock.today(), [(official(caller), person)])
        answered = self.asking.answered(row, own=True)
        if answered.approved != answered.value:
            answered.approved = None  # another value than was asked for: by agreement and feed, or not at all
        shown = Shown(**answered.model_dump(), reference=reference, direct=field in DIRECT, question=None)
        return shown if given else shown.model_copy(update=NOT_GIVEN)

    async def to_authority(self, connection: Connection, caller: Caller, request: UUID) -> Shown:
        """A request for the authority on the field. Raises NotFound for any other."""
        row = await sql.one(connection, request)
        if row is None or row["authority"] != caller.department:
            raise NotFound
        person = (await self.asking.names_of(connection, row["person_id"]))[0]
        field, open_ = row["field"], row["standing"] == OPEN
        fields = tuple(dict.fromkeys((*SHOWN, field))) if open_ else (field,)
        await record(connection, caller, [Reading(str(person), fields)], action="correction", basis=BASIS)
        await seen_by(connection, clock.today(), [(official(caller), person)])
        return Shown(
            **self.asking.answered(row, own=True, to_authority=True).model_dump(),
            reference=self.deciding.folding.telling.reference(row["authority"], person),
            direct=field in DIRECT,
            question=await self.question(connection, row, person) if open_ else None,
        )

    async def question(self, connection: Connection, row: asyncpg.Record, person: UUID) -> Question:
        """Whom and what the authority decides about. Where somebody lives who is protected from the authority is
        neither said nor where it is known from (protection rule 12)."""
        field, authority = row["field"], row["authority"]
        facts, headers = await self.asking.look_ups.facts(connection, person, None)
        living, dead = as_of(facts, headers, None, None)
        stored = (await states(connection, [person])).get(person)
        vault = self.deciding.folding.vault
        state = vault.open_state(person, stored["state"]) if stored else UNKNOWN_PERSON
        said = sources(state, living, dead, self.deciding.folding.authorities)
        by = (await protectors(connection, [person])).get(person, ())
        hidden = field in WITHHELD and withheld_from(authority, by)
        return Question(
            reference=self.deciding.folding.telling.reference(authority, person),
            name=state.name,
            birth_date=state.birth_date,
            current=None if hidden else await self.current(connection, authority, state, field),
            said_by=[] if hidden else [self.asking.citizens.department(each) for each in said[field]],
            events=[] if hidden else self.events(authority, facts, headers),
        )

    async def current(self, connection: Connection, authority: str, state: PersonState, field: str) -> str | None:
        """The field as it stands; a relative by the authority's own reference."""
        value = getattr(state, field)
        if value is None or field not in REFERENCE_FIELDS:
            return value.isoformat() if isinstance(value, date) else value
        mention: Mention = value
        who = (await mentioned(connection, [mention])).get(mention)
        return self.deciding.folding.telling.reference(authority, who) if who else None

    def events(self, authority: str, facts: list[Fact], headers: list[EventHeader]) -> list[EventShown]:
        """Living events of other departments of types that the authority reports, too."""
        _, dead = as_of(facts, headers, None, None)
        found = {
            fact.event: fact
            for fact in facts
            if fact.event not in dead and fact.action != ANNULLED and may_report(authority, fact)
        }
        return [
            EventShown(
                source=fact.event_source,
                id=fact.event_id,
                type=fact.type,
                department=self.asking.citizens.department(fact.department),
                effective_on=fact.effective_on,
            )
            for _, fact in sorted(found.items())
        ]

    async def decide(self, caller: Caller, request: UUID, decision: Decision) -> Shown:
        """Decide, fold again and tell everyone, in one transaction. Raises NotFound, Invalid for a value that the field
        cannot have, and Refused where it was closed meanwhile, by who asked, or where it does not fit."""

        async def take(connection: Connection) -> None:
            row = await self.to_decide(connection, caller, request)
            await self.carry_out(connection, caller, row, decision)

        await self.count(caller, request, decision)
        await self.again(take)
        return await self.decided(caller, request)

    async def count(self, caller: Caller, request: UUID, decision: Decision) -> None:
        """Count a search before a number is approved: that it is another person's tells that somebody holds it. Raises
        NotFound, Refused, and Problem (429) beyond the official's quota of searches."""
        if decision.decision != "approve":
            return
        async with self.asking.pool.acquire() as connection:
            row = await self.to_decide(connection, caller, request)
        if row["field"] == "identity_number":
            await self.asking.look_ups.quotas.count_search(self.asking.pool, caller)

    async def annul(self, caller: Caller, request: UUID, reason: str) -> Shown:
        """Take an approved correction back. Raises NotFound, and Refused for one that is not approved."""

        async def take(connection: Connection) -> None:
            row = await self.to_decide(connection, caller, request)
            if row["standing"] != APPROVED:
                raise Refused(CLOSED)
            person = (await self.asking.names_of(connection, row["person_id"]))[0]
            await self.deciding.annul(connection, request, person, row["authority"])
            said = sealed(self.deciding.folding.vault.ring, request, ANNULMENT, Answer(reason))
            await sql.annul(connection, request, said, caller.subject)
            await self.deciding.tell(connection, request, annulment(request), row["authority"])

        await self.again(take)
        return await self.decided(caller, request)

    async def decided(self, caller: Caller, request: UUID) -> Shown:
        """The request after the decision, whatever is left of the official's quota: it is made, and must be told."""
        async with transaction(self.asking.pool, one_moment=True) as connection:
            return await self.to_authority(connection, caller, request)

    async def again(self, take: Callable[[Connection], Awaitable[None]]) -> None:
        """Do it in one transaction; once more where somebody was merged meanwhile."""
        for left in reversed(range(TRIES)):
            try:
                async with transaction(self.asking.pool) as connection:
                    await take(connection)
                return
            except (Again, asyncpg.DeadlockDetectedError):
                if not left:
                    raise

    async def to_decide(self, connection: Connection, caller: Caller, request: UUID) -> asyncpg.Record:
        """A request that the caller's department decides. Raises NotFound for any other, and Refused to who asked."""
        row = await sql.one(connection, request)
        if row is None or row["authority"] != caller.department:
            raise NotFound
        if (row["department"], row["asked_by"]) == (caller.department, caller.subject):
            raise Refused(FOUR_EYES)
        return row

    async def carry_out(self, connection: Connection, caller: Caller, row: asyncpg.Record, decision: Decision) -> None:
        """Take a decision in this transaction."""
        request, authority, ring = row["request_id"], row["authority"], self.deciding.folding.vault.ring
        if row["standing"] != OPEN:
            raise Refused(CLOSED)
        wanted = decode_wanted(opened(ring, request, BODY, row["body"]))
        person = (await self.asking.names_of(connection, row["person_id"]))[0]
        if decision.decision != "approve":
            await self.deciding.still(connection, request, OPEN)
        value: str | None = None
        receipt: UUID | None = None
        match decision.decision:
            case "approve":
                value, standing = self.value(row["field"], wanted, decision), APPROVED
                approved = (row["field"], value)
                await self.deciding.approve(connection, request, person, authority, approved, wanted.since)
            case "settle":
                receipt, standing = decision.receipt, SETTLED
                if receipt is None or await sql.reported_about(connection, receipt, person) != authority:
                    raise Refused(NOT_SAID)
            case "permit":
                standing = PERMITTED
                event = (decision.supersedes.source, decision.supersedes.id) if decision.supersedes else ("", "")
                if await sql.event_about(connection, event, person) in (None, authority):
                    raise Refused(NOT_SAID)
                await self.deciding.permit(connection, request, authority, event)
            case "refuse":
                standing = REFUSED
        answer = sealed(ring, request, ANSWER, Answer(decision.reason, decision.law, value))
        await sql.decide(connection, request, standing, answer, caller.subject, receipt)
        if told := request if standing == APPROVED else receipt:
            await self.deciding.tell(connection, request, told, authority)

    def value(self, field: str, wanted: Wanted, decision: Decision) -> str | None:
        """The value that is approved. Raises Refused where none is said, or where the field is not corrected here."""
        said = "value" in decision.model_fields_set and (decision.value is not None or field == DIED_ON)
        if field not in DIRECT or not (said or wanted.said):
            raise Refused(NOT_SAID)
        return checked(field, decision.value, clock.today()) if said else wanted.value


def may_report(authority: str, fact: Fact) -> bool:
    """Whether an authority reports events of this type, too, and this one is another department's."""
    type_ = CATALOGUE.get(full_type(fact.type))
    return type_ is not None and authority in type_.reporters and fact.department != authority
