"""Enrolling the woman in front of the worker, with her consent, or proposing it to her."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID, uuid5

import msgspec

from services.alerts.asked.schemas import AskedBody, AskedCareBody
from services.alerts.assignments import repository as assignments
from services.alerts.assignments.repository import Assigned
from services.alerts.assignments.schemas import NOT_LISTED
from services.alerts.episodes import life, problems, repository
from services.alerts.episodes.acting import Act, acting
from services.alerts.episodes.care import Care
from services.alerts.episodes.identity import CARE_INDEX, awaited, keyed, person_index
from services.alerts.episodes.record import CareRecord, ConsentNote, Kind, Reach, written
from services.alerts.episodes.repository import Episode
from services.alerts.episodes.rules import next_step
from services.alerts.episodes.schemas import CareBody, ChoiceBody, ConsentBody, EnrolmentBody
from services.alerts.handovers.serving import begins_here
from services.alerts.life.handlers import begins
from services.alerts.life.knowing import people_of
from services.alerts.life.repository import between_pages
from services.alerts.schedules.schedule import EpisodeKind
from services.alerts.schedules.selection import Choice
from shared import clock
from shared.auth.caller import Caller
from shared.contracts.values import Identifier
from shared.crypto.blind import blind_index, lock_key
from shared.errors import Conflict

# An episode is named by who asked and by the request: the same again after any repetition.
EPISODE: Final = UUID("0c4f7f5e-5d0b-5f4e-9a52-6e0f6a3c1f10")
ENROLLED: Final = "enrol"

Enrolling = EnrolmentBody | AskedBody
Agreed = CareBody | AskedCareBody


@dataclass(frozen=True)
class Found:
    """The episode, and whether it is new. `refused`: why the one that there is is not what was asked for."""

    episode_id: UUID
    created: bool
    refused: str | None = None

    def taken(self) -> tuple[UUID, bool]:
        """The episode, and whether it is new. Raises Conflict, with the episode, where nothing was recorded."""
        if self.refused:
            raise Conflict(self.refused, episode=str(self.episode_id))
        return self.episode_id, self.created


async def enrol(care: Care, caller: Caller, body: Enrolling) -> tuple[UUID, bool]:
    """Enrol, or propose; the episode, and whether it is new. The same request, or the same person at this facility, is
    answered with the episode there is; what another facility has is its own, and does not show.

    Raises Conflict for a request used for something else or for what was erased, or where this person's episode here
    has a consent that expired or follows other schedules; Invalid for what cannot be.
    """
    async with acting(care) as act:
        found = await enrolled(act, caller, body)
    return found.taken()


async def enrolled(act: Act, caller: Caller, body: Enrolling) -> Found:
    """The same, in an act. Who was told of the episode that there is is written down, where it is refused too."""
    care, facility = act.care, caller.facility or ""
    episode_id = uuid5(EPISODE, f"{facility}\n{body.request}")
    digest = keyed(care.ring, b"request", body.model_dump_json().encode()).hex()
    indexes = identifiers(care, body.care.person.identifiers) if body.care else []
    await repository.alone(act.connection, [lock_key(episode_id.bytes), *map(lock_key, indexes)])
    if episode_id in care.vault.ledger:
        raise Conflict("request-used")
    known = await repository.one(act.connection, episode_id)
    if known is not None:
        return await answered_again(act, caller, known, digest)
    reference = await resolved(act, indexes)
    if indexes and (same := await at_this_facility(act, facility, body.kind, reference, indexes)):
        await life.note(act, caller, same, ENROLLED)
        return Found(same.episode_id, created=False, refused=otherwise(care, same, body))
    record = CareRecord(request=digest, enrolled_by=caller.subject, language=body.consent.language)
    unanswered = care.today() + life.ANSWERED_WITHIN + timedelta(days=1)
    episode = Episode(
        episode_id,
        body.kind,
        person_index=None,
        awaits=None,
        facility=facility,
        state="paused",
        consent_until=None,
        next_look_on=unanswered,
        revision=0,
        opened_at=clock.now(),
        sealed=b"",
    )
    care.vault.create(episode_id)
    sealed = care.vault.seal(episode_id, written(record), life.RECORD)
    await repository.insert(act.connection, episode.but(sealed=sealed))
    told = noted(care, caller, Kind(body.kind), body.consent)
    await life.consented(act, episode, "proposed", None, told)
    if body.care is not None:
        until = until_of(care, body.kind, body.consent)
        await begin(act, caller, about(care, episode, reference, indexes), record, told, until, body.care, reference)
    await life.note(act, caller, episode, ENROLLED)
    return Found(episode_id, created=True)


def otherwise(care: Care, same: Episode, body: Enrolling) -> str | None:
    """Why the episode that a person has here is not what they agreed to now; None where it is. Without schedules named
    it is asked for as it is."""
    if not life.holds(same, care.today()):
        return "expired-here"
    wanted = body.care.schedules if body.care else None
    if wanted is None or chosen(care, EpisodeKind(body.kind), same.facility, wanted) == followed(care, same):
        return None
    return "follows-others"


def followed(care: Care, episode: Episode) -> tuple[Choice, ...]:
    """What an episode follows. Raises Erased."""
    return tuple(sorted(life.opened(care, episode).choices))


def about(care: Care, episode: Episode, reference: str | None, indexes: Sequence[bytes]) -> Episode:
    """An episode linked to whom it is about, or waiting until the number that was given names somebody."""
    if reference is not None:
        return episode.but(person_index=person_index(care.ring, reference))
    return episode.but(awaits=awaited(care.ring, indexes[0]) if indexes else None)


async def first_agreed(
    act: Act, caller: Caller, episode: Episode, record: CareRecord, told: ConsentNote, until: date, body: CareBody
) -> None:
    """She agrees to what was proposed. Raises Conflict where she has an episode here already."""
    indexes = identifiers(act.care, body.person.identifiers)
    await repository.alone(act.connection, list(map(lock_key, indexes)))
    reference = await resolved(act, indexes)
    if indexes and await at_this_facility(act, episode.facility, episode.kind, reference, indexes):
        raise Conflict("enrolled-here")
    await begin(act, caller, about(act.care, episode, reference, indexes), record, told, until, body, reference)


async def answered_again(act: Act, caller: Caller, known: Episode, digest: str) -> Found:
    """A request that was made before."""
    if act.care.vault.key(known.episode_id) is None or life.opened(act.care, known).request != digest:
        raise Conflict("request-used")
    await life.note(act, caller, known, ENROLLED)
    return Found(known.episode_id, created=False)


async def begin(
    act: Act,
    caller: Caller,
    episode: Episode,
    record: CareRecord,
    told: ConsentNote,
    until: date,
    body: Agreed,
    reference: str | None,
) -> Episode:
    """She has agreed: her record begins, and its plan."""
    care = act.care
    facts = body.facts(care.today())
    problems.refuse("/care/dating", facts.faults(care.today()))
    await life.consented(act, episode, "given", until, told)
    person = body.person
    kept = msgspec.structs.replace(
        record,
        name=person.name,
        reference=reference,
        language=person.language,
        reach=tuple(Reach(each.how, each.value) for each in person.reach),
        avoid=tuple(person.avoid),
        facts=facts,
        choices=chosen(care, EpisodeKind(episode.kind), episode.facility, body.schedules),
        details=body.details(),
    )
    given = episode.but(state="active", consent_until=until, consent_tell_on=next_step(until, care.today()))
    begun = await life.rewrite(act, given.but(next_look_on=life.next_look_on(given)), kept)
    await assign(act, begun, body.worker or caller.subject)
    if reference is not None:
        await begins_here(act, begun, reference)
    await begins(act, begun)
    return begun


async def assign(act: Act, episode: Episode, worker: str) -> None:
    """Name the worker whose it is. Raises Invalid for who is no care worker of the facility."""
    today = act.care.today()
    if await assignments.not_listed(act.connection, episode.facility, [worker], today):
        raise problems.wrong("/care/worker", NOT_LISTED)
    await assignments.name(act.connection, episode.episode_id, episode.facility, [Assigned(worker, today, None)])


def chosen(care: Care, kind: EpisodeKind, facility: str, wanted: Sequence[ChoiceBody] | None) -> tuple[Choice, ...]:
    """The schedules to follow: those on offer that were named, or the norms in force. Raises Invalid."""
    day, serves = care.today(), care.serves(facility)
    if wanted is None:
        return care.catalogue.choices(kind, day, facility=facility, serves=serves)
    offered = {each.names for each in care.catalogue.offered(kind, day, facility=facility, serves=serves)}
    for place, each in enumerate(wanted):
        if (each.schedule, each.version) not in offered:
            raise problems.wrong(f"/care/schedules/{place}", problems.UNKNOWN_SCHEDULE)
    return tuple(sorted({Choice(each.schedule, each.version) for each in wanted}))


def noted(care: Care, caller: Caller, kind: Kind, body: ConsentBody) -> ConsentNote:
    """What is kept of her answer. Raises Invalid for a text that is not in force."""
    for text in care.consents.in_force(kind, care.today()):
        if (text.text, text.version) == (body.text, body.version):
            digest = text.digest(body.language)
            return ConsentNote(body.text, body.version, digest, body.language, body.channel, caller.subject)
    raise problems.wrong("/consent/version", problems.UNKNOWN_TEXT)


def until_of(care: Care, kind: str, body: ConsentBody) -> date:
    """Its last day. Raises Invalid for one that is over, or that the text does not allow."""
    today = care.today()
    (last,) = [
        each.last_day(today)
        for each in care.consents.in_force(Kind(kind), today)
        if (each.text, each.version) == (body.text, body.version)
    ]
    if body.until is not None and not today <= body.until <= last:
        raise problems.wrong("/consent/until", problems.BEYOND)
    return body.until or last


def identifiers(care: Care, given: Sequence[Identifier]) -> list[bytes]:
    """The blind indexes of a person's identifiers, as the registry tells them, in the order given."""
    return [blind_index(care.ring, CARE_INDEX, each.type, each.issuer or "", each.value) for each in given]


async def resolved(act: Act, indexes: Sequence[bytes]) -> str | None:
    """The one living person whom all of these that are known name; None where there is none, or more than one. Until
    the act ends, the registry's next words wait: none can pass between this look and what is linked by it."""
    await between_pages(act.connection)
    found = {each for index in indexes for each in await repository.holders(act.connection, index)}
    return found.pop() if len(found) == 1 else None


async def at_this_facility(
    act: Act, facility: str, kind: str, reference: str | None, indexes: Sequence[bytes]
) -> Episode | None:
    """The episode that this person has here already, linked or waiting."""
    people = await people_of(act, reference)
    waiting = [awaited(act.care.ring, each) for each in indexes]
    found = await repository.same(act.connection, facility, kind, people, waiting)
    return found if found and act.care.vault.key(found.episode_id) else None  # erased, and about to be removed
