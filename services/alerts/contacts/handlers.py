"""Use cases of care contacts: what became of one, taking it back, and showing those of a facility."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from uuid import UUID, uuid4

import msgspec

from services.alerts.contacts import notes, outcomes, repository
from services.alerts.contacts.announcing import entry
from services.alerts.contacts.notes import OutcomeNote
from services.alerts.contacts.outcomes import Fault, OutcomeKind
from services.alerts.contacts.passing import passed
from services.alerts.contacts.planning import CONTACT, OUTCOME, Held, held, replan
from services.alerts.contacts.rules import Kind, State
from services.alerts.contacts.schemas import OutcomeBody
from services.alerts.contacts.views import ContactView, ReasonView, contact_view, reason_of
from services.alerts.episodes import life
from services.alerts.episodes.acting import Act, acting
from services.alerts.episodes.care import Care
from services.alerts.episodes.duty import to_change
from services.alerts.episodes.identity import name_of
from services.alerts.episodes.record import read_record
from services.alerts.episodes.repository import Episode
from services.alerts.episodes.vault import Opened, skipping
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import Connection
from shared.errors import Conflict, Invalid, NotFound, Text, declare
from shared.errors import Fault as Place
from shared.errors_text import ErrorText

declare(
    "outcome-recorded",
    ErrorText(
        409,
        "Another outcome is recorded already",
        "已记录其他结果",
        "Take it back first: DELETE …/outcome.",
        "请先撤销：DELETE …/outcome。",
    ),
)
declare(
    "birth-first",
    ErrorText(
        409,
        "The birth is not recorded yet",
        "尚未记录分娩",
        "Record the birth (POST …/delivery), which closes this; while she is pregnant, leave it open.",
        "请先记录分娩（POST …/delivery），本项随之结束；尚未分娩时请保留本项。",
    ),
)
REFUSED = {
    Fault.IN_THE_FUTURE: Text("is still to come", "晚于今天"),
    Fault.BEFORE_THE_WINDOW: Text("lies too long before the contact opens", "早于该次服务的时间范围"),
}
HAPPENED = (OutcomeKind.DONE, OutcomeKind.MOVED)  # here or elsewhere
NOT_DONE = Text("goes with `done` alone", "仅适用于已完成")
TASK_FIELDS = ("name", "reach", "avoid", "care-contact")
VIEW_FIELDS = ("care-contact",)  # what is answered to who records an outcome


@dataclass(frozen=True)
class CareTask:
    """A contact on a worklist, opened: whom to see, why, by which rule, and when."""

    contact_id: UUID
    episode_id: UUID
    kind: str
    state: str
    name: str | None
    language: str
    reach: tuple[tuple[str, str], ...]
    avoid: tuple[str, ...]
    worker: str | None
    linked: bool
    schedule: str
    version: str
    code: str
    child: int | None
    opens_on: date
    due_on: date
    closes_on: date
    reason: ReasonView | None


async def record_outcome(
    care: Care, caller: Caller, episode_id: UUID, contact_id: UUID, body: OutcomeBody
) -> ContactView:
    """What became of a contact. The same again is the same. Raises NotFound, Conflict, Invalid."""
    async with acting(care) as act:
        episode, known, contact = await found(act, caller, episode_id, contact_id)
        today = care.today()
        told = OutcomeNote(OutcomeKind(body.kind), body.on or today, today, caller.subject, body.note)
        if contact.outcome is not None:
            if same(contact.outcome, told, refer=body.refer):
                await life.note(act, caller, episode, "record-outcome", VIEW_FIELDS)
                return contact_view(care, contact)
            raise Conflict("outcome-recorded")
        judge(contact, told, refer=body.refer)
        if told.kind in HAPPENED and waits_for_birth(care, episode, contact):
            raise Conflict("birth-first")
        if body.refer:
            told = msgspec.structs.replace(told, referral=1 + max(chain([0], *map(referrals, known))))
        sealed = care.vault.seal(episode_id, notes.written(told), OUTCOME)
        await repository.add_outcome(act.connection, uuid4(), contact_id, episode_id, sealed)
        if contact.row.shown:
            act.told.append((contact.row.facility, entry(contact.row, Kind.CLOSED, today)))
        row = contact.row.but(state=State.CLOSED, next_change_on=None)
        await repository.stand(act.connection, [row])
        closed = replace(contact, row=row, outcome=told)
        await life.note(act, caller, episode, "record-outcome", VIEW_FIELDS)
        await follow(act, episode, [closed if each is contact else each for each in known])
    return contact_view(care, closed)


async def undo_outcome(care: Care, caller: Caller, episode_id: UUID, contact_id: UUID) -> None:
    """Take an outcome back; it stays on record as undone, and what followed from it goes. Again is the same."""
    async with acting(care) as act:
        episode, known, contact = await found(act, caller, episode_id, contact_id)
        if contact.outcome is None:
            return
        await repository.undo(act.connection, contact_id)
        row = contact.row.but(state=State.PLANNED, next_change_on=None)
        if episode.state == "active":
            (row,), told = passed([contact.row.but(state=State.CLOSED)], care.today())
            act.told += told
        await repository.stand(act.connection, [row])
        back = replace(contact, row=row, outcome=None, undone=(*contact.undone, contact.outcome))
        await life.note(act, caller, episode, "undo-outcome")
        await follow(act, episode, [back if each is contact else each for each in known])


async def found(act: Act, caller: Caller, episode_id: UUID, contact_id: UUID) -> tuple[Episode, list[Held], Held]:
    """Lock the episode of a contact, with all its contacts. Raises NotFound, or Conflict where no consent holds."""
    episode = await to_change(act, caller, episode_id)
    known = await held(act.connection, act.care, episode)
    for contact in known:
        if contact.row.contact_id == contact_id:
            return episode, known, contact
    raise NotFound


async def follow(act: Act, episode: Episode, known: Sequence[Held]) -> None:
    """Let the plan go on from what is known now."""
    if episode.state == "active":
        kept = life.opened(act.care, episode)
        act.told += await replan(act.connection, act.care, episode, kept, known)


def waits_for_birth(care: Care, episode: Episode, contact: Held) -> bool:
    """Whether a contact asks about a birth that is not recorded: to end it as done would end all that follows from the
    birth with it. Raises Erased."""
    note = contact.note
    if care.catalogue.settled_by(note.schedule, note.version, note.code) != "birth":
        return False
    facts = life.opened(care, episode).facts
    return facts is None or facts.delivered_on is None


def judge(contact: Held, told: OutcomeNote, *, refer: bool) -> None:
    """Raise Invalid for an outcome that cannot be."""
    if refer and told.kind is not OutcomeKind.DONE:
        raise Invalid(faults=[Place("/refer", NOT_DONE)])
    wrong = outcomes.faults(contact.row.window, (), told.outcome())
    if wrong:
        raise Invalid(faults=[Place("/on", REFUSED[each]) for each in wrong])


def same(known: OutcomeNote, told: OutcomeNote, *, refer: bool) -> bool:
    """Whether it says what is recorded already; who says so, and when, does not matter."""
    return (known.kind, known.on, known.note, known.referral is not None) == (told.kind, told.on, told.note, refer)


def referrals(contact: Held) -> list[int]:
    """The numbers of referrals made at a contact, also of one that was undone: none is given twice."""
    listed = [contact.outcome, *contact.undone]
    return [each.referral for each in listed if each is not None and each.referral is not None]


async def shown(
    connection: Connection, care: Care, caller: Caller, contact_ids: Collection[UUID], action: str
) -> list[CareTask]:
    """Contacts of the caller's facility, opened for staff on duty, in the order asked for; those of another facility,
    of an episode that was erased, that nobody need do anything about, or that cannot be opened are left out. Written
    into the access log in this transaction."""
    rows = await repository.with_records(connection, list(contact_ids), caller.facility or "", care.today())
    tasks: dict[UUID, CareTask] = {}
    readings: dict[str, Reading] = {}
    opening = Opening(care)
    for row in rows:
        if (found := opening.readable(row)) is None:
            continue
        tasks[row.contact.contact_id], name = found
        readings[name] = Reading(name, TASK_FIELDS)
    await record(connection, caller, list(readings.values()), action=action, basis=life.BASIS)
    return [tasks[each] for each in contact_ids if each in tasks]


class Opening:
    """Contacts of one answer, opened: the key of an episode is read once for all that is opened of it."""

    def __init__(self, care: Care) -> None:
        self.care = care
        self.episodes: dict[UUID, Opened] = {}

    def episode(self, episode_id: UUID) -> Opened:
        """Raises Erased, Unsealable."""
        if episode_id not in self.episodes:
            self.episodes[episode_id] = self.care.vault.opened(episode_id)
        return self.episodes[episode_id]

    def schedule(self, episode_id: UUID, sealed: bytes) -> str | None:
        """Which schedule a contact is of; None for one that `readable` would leave out."""
        with skipping("contact_not_opened"):
            return notes.read_contact(self.episode(episode_id).unseal(sealed, CONTACT)).schedule
        return None

    def readable(self, row: repository.WithRecord) -> tuple[CareTask, str] | None:
        """A contact, opened, and under which name its reading is written down. None where its episode was erased a
        moment ago; and where it cannot be opened, of which the log tells: a facility's list does not fail for one that
        is damaged."""
        with skipping("contact_not_opened"):
            episode = self.episode(row.contact.episode_id)
            return task(self.care, row, episode), name_of(episode)
        return None


def task(care: Care, row: repository.WithRecord, episode: Opened) -> CareTask:
    """A contact with the record it belongs to. Raises Unsealable, msgspec.MsgspecError."""
    contact = row.contact
    note = notes.read_contact(episode.unseal(contact.sealed, CONTACT))
    kept = read_record(episode.unseal(row.record, life.RECORD))
    return CareTask(
        contact.contact_id,
        contact.episode_id,
        row.kind,
        contact.state.value,
        kept.name,
        kept.language,
        tuple((each.how, each.value) for each in kept.reach),
        kept.avoid,
        row.worker,
        kept.reference is not None,
        note.schedule,
        note.version,
        note.code,
        note.child,
        contact.opens_on,
        contact.due_on,
        contact.closes_on,
        reason_of(care, note),
    )
