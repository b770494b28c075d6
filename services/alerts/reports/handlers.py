"""Use cases of tasks that are said to be wrong: say so, list them for supervisors, settle one."""

from uuid import UUID, uuid4

import msgspec
import structlog

from services.alerts.episodes.acting import acting
from services.alerts.episodes.duty import at_duty
from services.alerts.episodes.identity import log_name, log_names
from services.alerts.episodes.life import BASIS
from services.alerts.episodes.vault import Erased
from services.alerts.keys import NAMES
from services.alerts.registration_help.handlers import ASKED
from services.alerts.reports import repository
from services.alerts.reports.repository import Stored
from services.alerts.reports.schemas import NoteView, ReportBody, ReportView, Wrong
from services.alerts.state import Alerts
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.crypto.sealing import Unsealable, seal, unseal
from shared.db import Connection, transaction
from shared.errors import NotFound

log = structlog.get_logger()
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
                reading, basis = Reading(log_name(alerts.care.vault, episode_id), ()), BASIS
                sealed = alerts.care.vault.seal(episode_id, said, REPORT)
            except Erased:
                raise NotFound from None
            await repository.put(connection, uuid4(), task_id, episode_id, facility, sealed)
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
        mothers = await repository.mothers(connection, [row.task_id for row in rows if not row.episode_id])
        shown = [(row, said) for row in rows if (said := opened(alerts, row))]
        care = sorted(log_names(alerts.care.vault, [row.episode_id for row, _ in shown if row.episode_id]).values())
        helps = {mothers[row.task_id] for row, _ in shown if row.task_id in mothers}
        fields = ("task-report",)
        await record(connection, caller, [Reading(each, fields) for each in care], action="task-reports", basis=BASIS)
        await record(
            connection, caller, [Reading(each, fields) for each in sorted(helps)], action="task-reports", basis=ASKED
        )
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
    """Read them, and write down whose were read."""
    rows = await repository.said_of(connection, caller.facility or "", alerts.today(), episode_id, task_id)
    mothers = await repository.mothers(connection, [row.task_id for row in rows if not row.episode_id])
    shown = [(row, said) for row in rows if (said := opened(alerts, row))]
    care = sorted(log_names(alerts.care.vault, [row.episode_id for row, _ in shown if row.episode_id]).values())
    for names, basis in ((care, BASIS), (sorted(set(mothers.values())), ASKED)):
        await record(connection, caller, [Reading(each, NOTE) for each in names], action="read-reports", basis=basis)
    return [
        NoteView(task=row.task_id, reported_at=row.reported_at, by=said.by, wrong=Wrong(said.wrong), note=said.note)
        for row, said in shown
    ]


async def settle(alerts: Alerts, caller: Caller, report_id: UUID) -> None:
    """It is dealt with. Raises NotFound, for one that is settled already too."""
    async with transaction(alerts.service.pool) as connection:
        if not await repository.settle(connection, report_id, caller.facility or "", alerts.today()):
            raise NotFound


def opened(alerts: Alerts, row: Stored) -> Said | None:
    """What was said; None where its episode was erased a moment ago, or it cannot be opened, of which the log tells."""
    if row.episode_id is None:
        return msgspec.json.decode(unseal(alerts.service.ring, NAMES, row.sealed, context(row.task_id)), type=Said)
    try:
        return msgspec.json.decode(alerts.care.vault.unseal(row.episode_id, row.sealed, REPORT), type=Said)
    except Erased:
        return None
    except (Unsealable, msgspec.MsgspecError) as trouble:
        log.error("report_not_opened", trouble=type(trouble).__name__)
        return None


def context(help_id: UUID) -> bytes:
    """Bind what is said of help with birth registration to it."""
    return b"report:" + help_id.bytes
