"""The contacts of one episode, held against its plan: what is new, what moves, what is no longer wanted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

from services.alerts.contacts import notes, repository
from services.alerts.contacts.announcing import entry
from services.alerts.contacts.notes import ContactNote, OutcomeNote
from services.alerts.contacts.passing import passed
from services.alerts.contacts.repository import Contact, StoredOutcome
from services.alerts.contacts.rules import Kind, State
from services.alerts.episodes.care import Care
from services.alerts.episodes.record import CareRecord
from services.alerts.episodes.repository import Episode
from services.alerts.schedules.facts import Ending, EpisodeFacts, Finished, Referral
from services.alerts.schedules.plan import PlannedContact, outline, upcoming
from shared.db import Connection
from shared.feed.values import NewEntry

CONTACT, OUTCOME = "contact", "outcome"  # what sealed bytes are bound to

Told = list[tuple[str, NewEntry]]


@dataclass(frozen=True)
class Held:
    """A contact, opened, with the outcome that stands and those that were undone."""

    row: Contact
    note: ContactNote
    outcome: OutcomeNote | None = None
    undone: tuple[OutcomeNote, ...] = ()

    @property
    def finished(self) -> Finished | None:
        """What the plan is told: that it needs no planning any more. None while it does, and where it was dropped."""
        if self.outcome is not None:
            ending, on = Ending(self.outcome.kind.value), self.outcome.on
        elif self.row.state is State.MISSED:
            ending, on = Ending.MISSED, self.row.closes_on
        else:
            return None
        return Finished(self.note.schedule, self.note.code, self.note.child, ending, on, self.row.opens_on)


async def held(connection: Connection, care: Care, episode: Episode) -> list[Held]:
    """Every contact of a locked episode, opened, in order of windows. Raises Erased."""
    rows = await repository.of_episodes(connection, [episode.episode_id])
    outcomes = await repository.outcomes(connection, [episode.episode_id])
    found = [opened(care, row, [each for each in outcomes if each.contact_id == row.contact_id]) for row in rows]
    return sorted(found, key=lambda each: (each.row.opens_on, each.row.due_on, each.row.contact_id))


def opened(care: Care, row: Contact, outcomes: Sequence[StoredOutcome]) -> Held:
    """A contact with what was recorded of it. Raises Erased."""
    note = notes.read_contact(care.vault.unseal(row.episode_id, row.sealed, CONTACT))
    told = [
        (each.undone_at, notes.read_outcome(care.vault.unseal(row.episode_id, each.sealed, OUTCOME)))
        for each in outcomes
    ]
    standing = next((each for undone_at, each in told if undone_at is None), None)
    return Held(row, note, standing, tuple(each for undone_at, each in told if undone_at is not None))


def facts_of(record: CareRecord, contacts: Sequence[Held]) -> EpisodeFacts | None:
    """What the plan is made of: the record, and what became of contacts. None before there is a consent."""
    if record.facts is None:
        return None
    finished = tuple(sorted(each for contact in contacts if (each := contact.finished)))
    referrals = tuple(
        sorted(
            Referral(each.outcome.referral, each.outcome.on, each.note.child)
            for each in contacts
            if each.outcome is not None and each.outcome.referral is not None
        )
    )
    return replace(record.facts, finished=finished, referrals=referrals)


async def replan(
    connection: Connection, care: Care, episode: Episode, record: CareRecord, contacts: Sequence[Held]
) -> Told:
    """Bring the contacts of an active or ended episode to what its plan says; what is to be told, late in the
    transaction."""
    known, told, today = list(contacts), Told(), care.today()
    if episode.state == "ended":
        return (await fitted(connection, care, episode, known, (), None, today))[1]
    while (facts := facts_of(record, known)) is not None:
        wanted = upcoming(outline(care.catalogue, record.choices, facts))
        known, more = await fitted(connection, care, episode, known, wanted, planned_by(care), today)
        told += more
        if not any(each.row.state is State.MISSED and each.finished not in facts.finished for each in known):
            break  # else it was over by the time it was planned: another one follows
    return told


def planned_by(care: Care) -> frozenset[str]:
    """The schedules whose contacts the plan makes and takes away, those that are not followed any more among them;
    others were put there one by one."""
    return frozenset(schedule for schedule, _ in care.catalogue)


async def fitted(
    connection: Connection,
    care: Care,
    episode: Episode,
    contacts: Sequence[Held],
    wanted: Sequence[PlannedContact],
    schedules: frozenset[str] | None,
    today: date,
) -> tuple[list[Held], Told]:
    """One pass of `replan`: contacts as they stand now, and what is told of it. `schedules`: whose contacts the plan
    makes and takes away (None: all); others stay, and follow the days. `contacts` are as stored: only what differs is
    written."""
    standing = {each.note.key: each for each in contacts if each.row.unfinished}
    asked = {each.key: each for each in wanted}
    same: list[Held] = []
    changed: list[Held] = []
    dropped: list[Held] = []
    gone: list[Held] = []
    for contact in contacts:
        target = asked.get(contact.note.key)
        planned = schedules is None or contact.note.schedule in schedules or target is not None
        if not contact.row.unfinished:
            same.append(contact)
        elif not planned:
            changed.append(contact)
        elif target is None:
            (dropped if contact.row.step else gone).append(contact)
        else:
            changed.append(moved(care, contact, target))
    added = [
        made(care, episode, ContactNote.of(target), (target.opens_on, target.due_on, target.closes_on))
        for key, target in asked.items()
        if key not in standing
    ]
    await repository.remove(connection, [each.row.contact_id for each in gone])
    rows, told = passed([each.row for each in (*changed, *added)], today)
    stands = [replace(each, row=row) for each, row in zip((*changed, *added), rows, strict=True)]
    closed = [replace(each, row=each.row.but(state=State.CLOSED, next_change_on=None)) for each in dropped]
    told += [(each.row.facility, entry(each.row, Kind.CLOSED, today)) for each in dropped if each.row.shown]
    before = {each.row.contact_id: each.row for each in contacts}
    told += renewed([before[each.row.contact_id] for each in changed], rows, today)
    await repository.write(
        connection, [each.row for each in (*stands[: len(changed)], *closed) if each.row != before[each.row.contact_id]]
    )
    await repository.insert(connection, [each.row for each in stands[len(changed) :]])
    return [*same, *stands, *closed], told


def renewed(before: Sequence[Contact], after: Sequence[Contact], today: date) -> Told:
    """A task that stays on the list and has other dates is told once more, with these."""
    kinds = {State.OPEN: Kind.OPENED, State.OVERDUE: Kind.OVERDUE}
    return [
        (new.facility, entry(new, kinds[new.state], today))
        for old, new in zip(before, after, strict=False)
        if old.shown and new.state is old.state and new.window != old.window
    ]


def moved(care: Care, contact: Held, target: PlannedContact) -> Held:
    """A contact with the window, and in the version, that the plan gives it now."""
    note, row = ContactNote.of(target), contact.row
    if (note, target.opens_on, target.due_on, target.closes_on) == (
        contact.note,
        row.opens_on,
        row.due_on,
        row.closes_on,
    ):
        return contact
    sealed = care.vault.seal(row.episode_id, notes.written(note), CONTACT)
    window = {"opens_on": target.opens_on, "due_on": target.due_on, "closes_on": target.closes_on}
    return replace(contact, note=note, row=row.but(**window, sealed=sealed))


def made(care: Care, episode: Episode, note: ContactNote, window: tuple[date, date, date]) -> Held:
    """A contact that was not there before, as it is on the day before it opens."""
    sealed = care.vault.seal(episode.episode_id, notes.written(note), CONTACT)
    row = Contact(
        uuid4(),
        episode.episode_id,
        episode.facility,
        *window,
        State.PLANNED,
        0,
        next_change_on=window[0],
        sealed=sealed,
    )
    return Held(row, note)
