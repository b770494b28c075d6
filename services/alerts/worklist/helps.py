"""Help with birth registration as tasks of a worklist."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.alerts.registration_help.handlers import ASKED
from services.alerts.registration_help.rules import Window
from services.alerts.state import Alerts
from services.alerts.worklist import repository, rules
from services.alerts.worklist.reasons import BIRTH_REGISTRATION, REGISTER, SOURCE
from services.alerts.worklist.repository import OpenHelp
from services.alerts.worklist.rules import Kind, Look, Place, When
from services.alerts.worklist.task import Task, Why
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import Connection, transaction
from shared.errors import NotFound
from shared.sharing.words import Words

MOTHER_FIELDS = ("name", "registered_area")
CHILD_FIELDS = ("name", "birth_date")
WHY = Why("birth-registration", BIRTH_REGISTRATION, SOURCE)


async def look(
    alerts: Alerts, connection: Connection, facility: str, times: frozenset[When], after: Place | None, limit: int
) -> Look[OpenHelp]:
    """Open help of a facility that stands so, after a place."""
    last = rules.last_overdue_birth(alerts.today())
    first = date.min if When.OVERDUE in times else date.fromordinal(last.toordinal() + 1)
    last = date.max if When.TODAY in times else last
    rows = await repository.page(connection, facility, after, (first, last), limit)
    return Look(rows, rows[-1].place if rows else None, rows[-1].due_on if len(rows) == limit else None)


def task(alerts: Alerts, row: OpenHelp) -> Task:
    """A stored row with its names opened, as of today."""
    mother, child = alerts.helps.names(row.help_id, row.names)
    window = Window.of(row.born_on)
    area = alerts.areas.get(row.area) if row.area else None
    return Task(
        Kind.REGISTRATION,
        row.help_id,
        When.OVERDUE if alerts.today() > window.due_on else When.TODAY,
        mother,
        REGISTER,
        WHY,
        window.opens_on,
        window.due_on,
        child_name=child,
        born_on=row.born_on,
        reference=row.mother,
        area=Words(zh=area.zh, en=area.en) if area else None,
    )


async def one(alerts: Alerts, caller: Caller, help_id: UUID, action: str) -> Task:
    """One that is open at the caller's facility, written down as read. Raises NotFound, for any other task too."""
    async with transaction(alerts.service.pool) as connection:
        rows = await repository.some(connection, caller.facility or "", [help_id])
        await note(connection, caller, rows, action)
    if not rows:
        raise NotFound
    return task(alerts, rows[0])


async def note(connection: Connection, caller: Caller, rows: Sequence[OpenHelp], action: str) -> None:
    """Write down that these rows were read."""
    readings = [Reading(row.mother, MOTHER_FIELDS) for row in rows] + [Reading(row.child, CHILD_FIELDS) for row in rows]
    await record(connection, caller, readings, action=action, basis=ASKED)
