"""Use cases of the worklist. Every read is written into the access log in its own transaction, or fails."""

from dataclasses import dataclass
from uuid import UUID

from services.alerts.assignments import repository as assignments
from services.alerts.counts import repository as counts
from services.alerts.registration_help.handlers import facility_feed
from services.alerts.state import Alerts
from services.alerts.worklist import care, cursors, helps, repository, rules
from services.alerts.worklist.care import DueCare
from services.alerts.worklist.repository import OpenHelp
from services.alerts.worklist.rules import Place, Source, Wanted, When
from services.alerts.worklist.task import Task
from shared.auth.caller import Caller
from shared.db import transaction
from shared.errors import NotFound
from shared.feed.log import head
from shared.feed.values import Cursor

ACTION = "worklist"


@dataclass(frozen=True)
class Worklist:
    """A page of a facility's list. `counts`: of everything the facility has, whatever was asked for.
    `read_at`: where the facility's log stood before the list was read.
    `without_facility` is for supervisors of the county's facility only."""

    tasks: list[Task]
    next_after: str | None
    read_at: Cursor
    counts: dict[When, int]
    without_facility: int | None


async def worklist(alerts: Alerts, caller: Caller, wanted: Wanted, after: str | None, limit: int) -> Worklist:
    """What the caller's facility has to do. Supervisors who are no care workers are given counts, and nobody's name."""
    facility, ring = caller.facility or "", alerts.service.ring
    start = cursors.read(ring, facility, after) if after else {}
    async with transaction(alerts.service.pool) as connection:
        read_at = Cursor(*await head(connection, facility_feed(facility), 0))
        lists: dict[Source, list[OpenHelp | DueCare]] = {}
        if "care-worker" in caller.roles:
            duties = await assignments.mine(connection, facility, caller.subject, alerts.today())
            for source in wanted.sources:
                place = start.get(source)
                lists[source] = (
                    [*await helps.page(alerts, connection, facility, wanted.times, place, limit + 1)]
                    if source is Source.HELP
                    else [
                        *await care.page(
                            alerts, connection, facility, wanted, source, frozenset(duties), place, limit + 1
                        )
                    ]
                )
        shown = rules.merged(lists, limit)
        await helps.note(connection, caller, [row for _, row in shown if isinstance(row, OpenHelp)], ACTION)
        await care.note(connection, caller, [row for _, row in shown if isinstance(row, DueCare)], ACTION)
        now = await counts.now(connection, facility, alerts.today())
        answers = "supervisor" in caller.roles and alerts.facilities.catches(facility, alerts.today())
        lost = await repository.without_facility(connection) if answers else None
    more = sum(map(len, lists.values())) > limit
    reached: dict[Source, Place] = start | {source: row.place for source, row in shown}
    return Worklist(
        [
            helps.task(alerts, row) if isinstance(row, OpenHelp) else care.task(row, care.when_of(source))
            for source, row in shown
        ],
        cursors.write(ring, facility, reached) if more else None,
        read_at,
        {When.OVERDUE: now.overdue, When.TODAY: now.today, When.SOON: now.soon},
        lost,
    )


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
