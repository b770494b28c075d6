"""Use cases of the worklist. Every read is written into the access log in its own transaction, or fails."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.alerts import cursors
from services.alerts.assignments import repository as assignments
from services.alerts.counts import repository as counts
from services.alerts.registration_help.handlers import facility_feed
from services.alerts.state import Alerts
from services.alerts.worklist import care, helps, repository, rules
from services.alerts.worklist.care import DueCare
from services.alerts.worklist.repository import OpenHelp
from services.alerts.worklist.rules import Look, Place, Source, Wanted, When
from services.alerts.worklist.task import Task
from shared.auth.caller import Caller
from shared.db import Connection, transaction
from shared.errors import Fault, Invalid, NotFound, Text
from shared.feed.log import head
from shared.feed.values import Cursor

ACTION = "worklist"
NO_SCHEDULE = Text("is no schedule there is", "没有此服务规范")


@dataclass(frozen=True)
class Worklist:
    """A page of a facility's list. `counts`: of everything the facility has, whatever was asked for, as far as COUNTED;
    `uncounted`: where there is more. `looking`: the page ended before it was full, and not everything was looked at.
    `read_at`: where the facility's log stood before the list was read.
    `without_facility` is for supervisors of the county's facility only."""

    tasks: list[Task]
    next_after: str | None
    read_at: Cursor
    counts: dict[When, int]
    uncounted: frozenset[When]
    looking: bool
    without_facility: int | None


async def worklist(alerts: Alerts, caller: Caller, wanted: Wanted, after: str | None, limit: int) -> Worklist:
    """What the caller's facility has to do. Supervisors who are no care workers are given counts, and nobody's name.
    Raises Invalid for a schedule that there is not, and for what is no cursor."""
    if wanted.schedule and all(wanted.schedule != name for name, _ in alerts.care.catalogue):
        raise Invalid(faults=[Fault("query/schedule", NO_SCHEDULE)])
    facility, ring = caller.facility or "", alerts.service.ring
    page = f"worklist:{facility}"
    start = cursors.read(ring, page, tuple(Source), after) if after else {}
    async with transaction(alerts.service.pool) as connection:
        read_at = Cursor(*await head(connection, facility_feed(facility), 0))
        lists = (
            await looked(alerts, connection, caller, wanted, start, limit + 1) if "care-worker" in caller.roles else {}
        )
        shown = rules.merged(lists, limit)
        await helps.note(connection, caller, [row for _, row in shown if isinstance(row, OpenHelp)], ACTION)
        await care.note(connection, caller, [row for _, row in shown if isinstance(row, DueCare)], ACTION)
        now = await counts.some(connection, facility, alerts.today(), rules.COUNTED + 1)
        answers = "supervisor" in caller.roles and alerts.facilities.catches(facility, alerts.today())
        lost = await repository.without_facility(connection) if answers else None
    more = rules.more(lists, shown)
    places = rules.reached(start, lists, shown)
    tasks = {When.OVERDUE: now.overdue, When.TODAY: now.today, When.SOON: now.soon}
    return Worklist(
        [
            helps.task(alerts, row) if isinstance(row, OpenHelp) else care.task(row, care.when_of(source))
            for source, row in shown
        ],
        cursors.write(ring, page, tuple(Source), places) if more else None,
        read_at,
        {when: min(count, rules.COUNTED) for when, count in tasks.items()},
        frozenset(when for when, count in tasks.items() if count > rules.COUNTED),
        more and len(shown) < limit,
        lost,
    )


async def looked(
    alerts: Alerts, connection: Connection, caller: Caller, wanted: Wanted, start: Mapping[Source, Place], limit: int
) -> dict[Source, Look[OpenHelp | DueCare]]:
    """So many rows of each list in which something wanted can stand; no more than OPENED contacts are opened."""
    facility, today = caller.facility or "", alerts.today()
    duties = await assignments.mine(connection, facility, caller.subject, today) if wanted.mine else ()
    most = rules.OPENED // max(1, sum(source is not Source.HELP for source in wanted.sources))
    lists: dict[Source, Look[OpenHelp | DueCare]] = {}
    for source in wanted.sources:
        place = start.get(source)
        lists[source] = (
            await helps.look(alerts, connection, facility, wanted.times, place, limit)
            if source is Source.HELP
            else await care.look(alerts, connection, facility, wanted, source, duties, place, limit, most)
        )
    return lists


async def one(alerts: Alerts, caller: Caller, task_id: UUID) -> Task:
    """One task of the caller's facility, whatever kind of help it is. Raises NotFound."""
    facility = caller.facility or ""
    async with transaction(alerts.service.pool) as connection:
        rows = await repository.some(connection, facility, [task_id])
        await helps.note(connection, caller, rows, ACTION)
        found = await care.one(alerts, connection, facility, task_id)
        await care.note(connection, caller, [found] if found else [], ACTION)
    if rows:
        return helps.task(alerts, rows[0])
    if found is None:
        raise NotFound
    return care.task(found, care.stands(found.care.state))
