"""Care contacts as tasks of a worklist."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.alerts.contacts import repository as contacts
from services.alerts.contacts.handlers import TASK_FIELDS, CareTask, Opening
from services.alerts.episodes.life import BASIS
from services.alerts.state import Alerts
from services.alerts.worklist import repository
from services.alerts.worklist.reasons import CARE, UNEXPLAINED
from services.alerts.worklist.rules import SOURCES, Kind, Look, Place, Source, Wanted, When
from services.alerts.worklist.task import Task, Why
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import Connection


@dataclass(frozen=True)
class DueCare:
    """A care contact that is due, opened; `name`: under which name its reading is written down."""

    care: CareTask
    name: str

    @property
    def due_on(self) -> date:
        """The last day in time."""
        return self.care.due_on

    @property
    def place(self) -> Place:
        """Where it stands in its list."""
        return self.care.due_on, self.care.contact_id


async def look(
    alerts: Alerts,
    connection: Connection,
    facility: str,
    wanted: Wanted,
    source: Source,
    duties: Collection[UUID],
    after: Place | None,
    limit: int,
    most: int,
) -> Look[DueCare]:
    """Contacts of one state after a place, opened, as far as they are wanted. What a schedule asks for is sealed, so
    that contacts are opened until there are `limit`, and never more than `most` of them; of those that are not wanted
    nothing but the schedule is read. `duties`: the episodes that are the reader's own."""
    found: list[DueCare] = []
    opening, today = Opening(alerts.care), alerts.today()
    reached, left = after, most
    asked = min(limit, most) if wanted.schedule is None else most
    while asked:
        places = await repository.contacts(connection, facility, source, reached, wanted, duties, today, asked)
        ended, chosen = len(places) < asked, [row for _, row in places]
        if wanted.schedule is not None:
            sealed = await contacts.sealed_notes(connection, chosen, facility, today)
            chosen, seen = following(opening, wanted.schedule, chosen, sealed, limit - len(found))
            ended, places = ended and seen == len(places), places[:seen]
        rows = await contacts.with_records(connection, chosen, facility, today)
        tasks = {each.care.contact_id: each for row in rows if (each := due(opening, row))}
        found += [tasks[row] for row in chosen if row in tasks]
        reached = places[-1] if places else reached
        if len(found) >= limit:
            return Look(found[:limit], found[limit - 1].place, found[limit - 1].due_on)
        if ended:
            return Look(found, reached)
        left -= len(places)
        asked = min(2 * asked, left)
    return Look(found, reached, reached[0] if reached else None)


def following(
    opening: Opening, schedule: str, contact_ids: Sequence[UUID], sealed: Mapping[UUID, tuple[UUID, bytes]], limit: int
) -> tuple[list[UUID], int]:
    """The first contacts of a schedule, at most `limit` of them, and how many were looked at for that."""
    chosen: list[UUID] = []
    for seen, contact_id in enumerate(contact_ids, 1):
        if contact_id in sealed and opening.schedule(*sealed[contact_id]) == schedule:
            chosen.append(contact_id)
            if len(chosen) == limit:
                return chosen, seen
    return chosen, len(contact_ids)


def due(opening: Opening, row: contacts.WithRecord) -> DueCare | None:
    """A contact, opened; None where it cannot be."""
    opened = opening.readable(row)
    return DueCare(*opened) if opened else None


def task(due: DueCare, when: When) -> Task:
    """As a person reads it."""
    care, reason = due.care, due.care.reason
    why = Why(
        f"{care.schedule}/{care.code}",
        reason.reason if reason else UNEXPLAINED,
        reason.clause if reason else UNEXPLAINED,
        f"{care.schedule} {care.version}",
        reason.source if reason else None,
    )
    return Task(
        Kind(care.kind),
        care.contact_id,
        when,
        care.name,
        reason.title if reason else CARE,
        why,
        care.opens_on,
        care.due_on,
        care.closes_on,
        episode=care.episode_id,
        worker=care.worker,
        child=care.child,
        avoid=care.avoid,
        reach=care.reach,
        linked=care.linked,
    )


async def one(alerts: Alerts, connection: Connection, facility: str, contact_id: UUID) -> DueCare | None:
    """A contact of the facility that is on its list, or will be."""
    rows = await contacts.with_records(connection, [contact_id], facility, alerts.today())
    return due(Opening(alerts.care), rows[0]) if rows else None


def stands(state: str) -> When:
    """Where a contact in this state stands."""
    return when_of(Source(state))


def when_of(source: Source) -> When:
    """Where contacts of a list stand."""
    when = SOURCES[source]
    assert when is not None
    return when


async def note(connection: Connection, caller: Caller, rows: Sequence[DueCare], action: str) -> None:
    """Write down that these were read, each episode once."""
    readings = [Reading(name, TASK_FIELDS) for name in dict.fromkeys(row.name for row in rows)]
    await record(connection, caller, readings, action=action, basis=BASIS)
