"""Use cases of tasks that are said to be wrong: say so, list them for supervisors, settle one."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import msgspec

from services.alerts.episodes.acting import Act, acting
from services.alerts.episodes.duty import at_duty
from services.alerts.episodes.identity import name_of
from services.alerts.episodes.life import BASIS
from services.alerts.episodes.vault import Erased, skipping
from services.alerts.keys import NAMES
from services.alerts.registration_help.handlers import ASKED
from services.alerts.reports import repository
from services.alerts.reports.repository import Stored
from services.alerts.reports.schemas import NoteView, OwnReportView, ReportBody, ReportView, Wrong
from services.alerts.state import Alerts
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.crypto.sealing import seal, unseal
from shared.db import Connection, transaction
from shared.errors import NotFound

REPORT = "report"  # what sealed bytes are bound to
NOTE = ("task-report", "note")
CARE, REGISTRATION = "care", "birth-registration"


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sealed of a report."""

    by: str
    wrong: str
    note: str | None = None


async def report(alerts: Alerts, caller: Caller, task_id: UUID, body: ReportBody) -> None:
    """Say that a task of the caller's facility is wrong. Said again, the later words stand. Raises NotFound."""
    facility, ring = caller.facility or "", alerts.service.ring
    said = msgspec.json.encode(Said(caller.subject, body.wrong.value, body.note))
    async with transaction(alerts.service.pool) as connection:
        episode_id = await repository.contact(connection, task_id, facility, alerts.today())
        if episode_id is not None:
            try:
                episode = alerts.care.vault.opened(episode_id)
            except Erased:
                raise NotFound from None
            await repository.put(connection, uuid4(), task_id, episode_id, facility, episode.seal(said, REPORT))
            reading, basis = Reading(name_of(episode), ()), BASIS
        elif mother := await repository.help_mother(connection, task_id, facility):
            sealed = seal(ring, NAMES, said, context(task_id))
            await repository.put(connection, uuid4(), task_id, None, facility, sealed)
            reading, basis = Reading(mother, ()), ASKED
        else:
            raise NotFound
        await record(connection, caller, [reading], action="report-task", basis=basis)


async def listed(alerts: Alerts, caller: Caller) -> list[ReportView]:
    """What workers of the facility say is wrong, for its supervisors: no name, no note, nothing about anybody's
    health. Written down all the same."""
    async with transaction(alerts.service.pool) as connection:
        rows = await repository.of_facility(connection, caller.facility or "", alerts.today())
        shown = await read(alerts, connection, caller, rows, ("task-report",), "task-reports")
    return [
        ReportView(
            report=row.report_id,
            reported_at=row.reported_at,
            by=said.by,
            wrong=Wrong(said.wrong),
            help=CARE if row.episode_id else REGISTRATION,
        )
        for row, said in shown
    ]


async def of_episode(alerts: Alerts, caller: Caller, episode_id: UUID) -> list[NoteView]:
    """What was said of an episode's tasks, with the notes, for care workers on duty. Raises NotFound."""
    async with acting(alerts.care) as act:
        await at_duty(act, caller, episode_id)
        return await notes(alerts, act.connection, caller, episode_id, None)


async def of_task(alerts: Alerts, caller: Caller, task_id: UUID) -> list[NoteView]:
    """The same of one task of the caller's facility; nothing of any other."""
    async with transaction(alerts.service.pool) as connection:
        return await notes(alerts, connection, caller, None, task_id)


async def notes(
    alerts: Alerts, connection: Connection, caller: Caller, episode_id: UUID | None, task_id: UUID | None
) -> list[NoteView]:
    """Read them."""
    rows = await repository.said_of(connection, caller.facility or "", alerts.today(), episode_id, task_id)
    return [
        NoteView(task=row.task_id, reported_at=row.reported_at, by=said.by, wrong=Wrong(said.wrong), note=said.note)
        for row, said in await read(alerts, connection, caller, rows, NOTE, "read-reports")
    ]


async def read(
    alerts: Alerts, connection: Connection, caller: Caller, rows: Sequence[Stored], fields: Sequence[str], action: str
) -> list[tuple[Stored, Said]]:
    """Open reports, those that can be, and write down whose were read."""
    mothers = await repository.mothers(connection, [row.task_id for row in rows if not row.episode_id])
    found = [(row, *each) for row in rows if (each := opened(alerts, row))]
    care = {name for *_, name in found if name}
    for names, basis in ((care, BASIS), (mothers.values(), ASKED)):
        readings = [Reading(each, tuple(fields)) for each in sorted(set(names))]
        await record(connection, caller, readings, action=action, basis=basis)
    return [(row, said) for row, said, _ in found]


async def hers(act: Act, episode_id: UUID) -> list[OwnReportView]:
    """All that is kept of what workers said is wrong with her tasks; not the words about whose a task is instead, which
    name somebody else. Raises Erased."""
    episode = act.care.vault.opened(episode_id)
    found = []
    for row in await repository.of_episode(act.connection, episode_id):
        said = msgspec.json.decode(episode.unseal(row.sealed, REPORT), type=Said)
        another = said.wrong == Wrong.WRONG_PERSON
        found.append(
            OwnReportView(
                task=row.task_id,
                reported_at=row.reported_at,
                by=said.by,
                wrong=Wrong(said.wrong),
                note=None if another else said.note,
                withheld=another and said.note is not None,
            )
        )
    return found


async def settle(alerts: Alerts, caller: Caller, report_id: UUID) -> None:
    """It is dealt with. Raises NotFound, for one that is settled already too."""
    async with transaction(alerts.service.pool) as connection:
        if not await repository.settle(connection, report_id, caller.facility or "", alerts.today()):
            raise NotFound


def opened(alerts: Alerts, row: Stored) -> tuple[Said, str | None] | None:
    """What was said, and of care under which name its reading is written down; None where the episode was erased
    a moment ago, or it cannot be opened, of which the log tells."""
    if row.episode_id is None:
        told = unseal(alerts.service.ring, NAMES, row.sealed, context(row.task_id))
        return msgspec.json.decode(told, type=Said), None
    with skipping("report_not_opened"):
        episode = alerts.care.vault.opened(row.episode_id)
        return msgspec.json.decode(episode.unseal(row.sealed, REPORT), type=Said), name_of(episode)
    return None


def context(help_id: UUID) -> bytes:
    """Bind what is said of help with birth registration to it."""
    return b"report:" + help_id.bytes
