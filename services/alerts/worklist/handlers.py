"""Use cases of the worklist. Every read is written into the access log in its own transaction, or fails."""

from dataclasses import dataclass
from uuid import UUID

from services.alerts.registration_help.handlers import facility_feed
from services.alerts.state import Alerts
from services.alerts.worklist import cursors, helps, repository, rules
from services.alerts.worklist.repository import OpenHelp
from services.alerts.worklist.rules import Place, Source, Wanted, When
from services.alerts.worklist.task import Task
from shared.auth.caller import Caller
from shared.db import Connection, transaction
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
        lists: dict[Source, list[OpenHelp]] = {}
        for source in wanted.sources if "care-worker" in caller.roles else ():
            lists[source] = await page(alerts, connection, facility, wanted, source, start.get(source), limit + 1)
        shown = rules.merged(lists, limit)
        await helps.note(connection, caller, [row for _, row in shown], ACTION)
        counts = await repository.help_counts(connection, facility, rules.last_overdue_birth(alerts.today()))
        answers = "supervisor" in caller.roles and alerts.facilities.catches(facility, alerts.today())
        lost = await repository.without_facility(connection) if answers else None
    more = sum(map(len, lists.values())) > limit
    reached: dict[Source, Place] = start | {source: row.place for source, row in shown}
    return Worklist(
        [helps.task(alerts, row) for _, row in shown],
        cursors.write(ring, facility, reached) if more else None,
        read_at,
        counts,
        lost,
    )


async def page(
    alerts: Alerts,
    connection: Connection,
    facility: str,
    wanted: Wanted,
    source: Source,
    after: Place | None,
    limit: int,
) -> list[OpenHelp]:
    """What follows in one of the lists."""
    if source is not Source.HELP:
        return []
    return await helps.page(alerts, connection, facility, wanted.times, after, limit)


async def one(alerts: Alerts, caller: Caller, help_id: UUID) -> Task:
    """One open help of the caller's facility. Raises NotFound."""
    async with transaction(alerts.service.pool) as connection:
        rows = await repository.some(connection, caller.facility or "", [help_id])
        await helps.note(connection, caller, rows, ACTION)
    if not rows:
        raise NotFound
    return helps.task(alerts, rows[0])
