"""Use cases of the worklist. Every read is written into the access log in its own transaction, or fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.alerts.registration_help.handlers import ASKED
from services.alerts.registration_help.rules import Window
from services.alerts.state import Alerts
from services.alerts.worklist import cursors, repository
from services.alerts.worklist.repository import OpenHelp
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import Connection, transaction
from shared.errors import NotFound
from shared.sharing.words import Words

MOTHER_FIELDS = ("name", "registered_area")
CHILD_FIELDS = ("name", "birth_date")


@dataclass(frozen=True)
class Task:
    """One row for a person to read. `days` counts since birth; `overdue`: the month of the Regulations is over."""

    help_id: UUID
    reference: str
    mother_name: str | None
    child_name: str | None
    born_on: date
    opened_on: date
    due_on: date
    days: int
    overdue: bool
    area: Words | None


@dataclass(frozen=True)
class Worklist:
    """A page of a facility's list. `without_facility` is for supervisors of the county's facility only."""

    tasks: list[Task]
    next_after: str | None
    without_facility: int | None


async def worklist(alerts: Alerts, caller: Caller, after: str | None, limit: int) -> Worklist:
    """Open help of the caller's facility."""
    facility, ring = caller.facility or "", alerts.service.ring
    start = cursors.read(ring, facility, after) if after else None
    async with transaction(alerts.service.pool) as connection:
        rows = await repository.page(connection, facility, start, limit + 1)
        shown = rows[:limit]
        await note(connection, caller, shown, "worklist")
        answers = "supervisor" in caller.roles and alerts.facilities.catches(facility, alerts.today())
        lost = await repository.without_facility(connection) if answers else None
    following = cursors.write(ring, facility, shown[-1].born_on, shown[-1].help_id) if len(rows) > limit else None
    return Worklist([task(alerts, row) for row in shown], following, lost)


async def one(alerts: Alerts, caller: Caller, help_id: UUID) -> Task:
    """One open help of the caller's facility. Raises NotFound."""
    async with transaction(alerts.service.pool) as connection:
        rows = await repository.some(connection, caller.facility or "", [help_id])
        await note(connection, caller, rows, "worklist")
    if not rows:
        raise NotFound
    return task(alerts, rows[0])


async def note(connection: Connection, caller: Caller, rows: Sequence[OpenHelp], action: str) -> None:
    """Write down that these rows were read."""
    readings = [Reading(row.mother, MOTHER_FIELDS) for row in rows] + [Reading(row.child, CHILD_FIELDS) for row in rows]
    await record(connection, caller, readings, action=action, basis=ASKED)


def task(alerts: Alerts, row: OpenHelp) -> Task:
    """A stored row with its names opened, as of today."""
    mother, child = alerts.helps.names(row.help_id, row.names)
    window, today = Window.of(row.born_on), alerts.today()
    area = alerts.areas.get(row.area) if row.area else None
    return Task(
        row.help_id,
        row.mother,
        mother,
        child,
        row.born_on,
        window.opens_on,
        window.due_on,
        (today - row.born_on).days,
        today > window.due_on,
        Words(zh=area.zh, en=area.en) if area else None,
    )
