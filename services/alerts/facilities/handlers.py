"""Use cases of staff: who is let in, who is listed, whose credentials end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.alerts.facilities import repository, rules
from services.alerts.facilities.provisioned import FirstStaff
from services.alerts.facilities.repository import Listed
from services.alerts.facilities.schemas import StaffWanted
from services.alerts.own import repository as own
from shared import clock
from shared.auth.caller import Caller
from shared.db import Connection, Pool, transaction
from shared.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Text, Unauthenticated, declare
from shared.errors_text import ErrorText
from shared.sessions import repository as sessions

BEFORE = Text("ends before it begins", "结束日期早于开始日期")

declare(
    "not-on-staff-list",
    ErrorText(
        403,
        "This facility does not list you as its staff today",
        "您今日不在该机构的人员名单中",
        "Ask a supervisor of the facility to list you, in the role you need.",
        "请由该机构主管将您以所需岗位列入名单。",
    ),
)
declare(
    "supervisor-needed",
    ErrorText(
        409,
        "A facility with a staff list needs a supervisor on it today",
        "设有名单的机构当日须有主管在列",
        "List another supervisor first; the first line of a list is a supervisor's.",
        "请先列入另一名主管；名单的第一行须为主管。",
    ),
)
declare(
    "line-over",
    ErrorText(
        409,
        "This line was ended meanwhile",
        "该记录已被结束",
        "Nothing was changed. They are listed again only where that end is undone.",
        "未作任何更改；须撤销结束才会重新在列。",
    ),
)


@dataclass(frozen=True)
class Staff:
    """What the use cases need. `demanded`: nobody gets in where nobody is listed. `today`: in Asia/Shanghai."""

    pool: Pool
    demanded: bool
    today: Callable[[], date]

    async def provision(self, first: Sequence[FirstStaff]) -> None:
        """List provisioned workers who never were listed. Repetition changes nothing."""
        async with transaction(self.pool) as connection:
            for each in first:
                days = (each.begins or self.today(), each.until)
                await repository.provision(
                    connection, each.facility, each.subject, each.role, days, clinician=each.clinician
                )

    async def admit(self, caller: Caller) -> Caller:
        """The caller with the roles that count at their facility today.

        Raises Unauthenticated for a credential from before a revocation, Forbidden for who is not listed.
        """
        async with self.pool.acquire() as connection:
            (found,) = await self._judged(connection, [caller])
        if found is None:
            raise Unauthenticated
        if not found:
            raise Forbidden("not-on-staff-list")
        return replace(caller, roles=found)

    async def may_still(self, callers: Sequence[Caller]) -> list[bool]:
        """Whether each of these callers would be let in now, in the roles they have."""
        async with self.pool.acquire() as connection:
            return await self.judged(connection, callers)

    async def judged(self, connection: Connection, callers: Sequence[Caller]) -> list[bool]:
        """The same, in a transaction that goes on."""
        judged = await self._judged(connection, callers)
        return [roles is not None and caller.roles <= roles for caller, roles in zip(callers, judged, strict=True)]

    async def is_clinician(self, caller: Caller) -> bool:
        """Whether the caller is listed as a clinician of their facility today. Nobody is where nobody is listed."""
        async with self.pool.acquire() as connection:
            return await repository.clinician(connection, caller.facility or "", caller.subject, self.today())

    async def listed(self, caller: Caller) -> list[Listed]:
        """Everybody who is, will be or was listed at the caller's facility."""
        async with self.pool.acquire() as connection:
            return await repository.staff(connection, caller.facility or "")

    async def put(self, caller: Caller, wanted: StaffWanted) -> Listed:
        """List a worker, or change the line that begins the same day. Again is the same.

        Raises Conflict where nobody would be left to supervise; Invalid for days that are none.
        """
        facility = caller.facility or ""
        async with transaction(self.pool) as connection:
            await repository.one_by_one(connection, facility)
            return await self._put(connection, caller, wanted)

    async def change(self, caller: Caller, staff_id: UUID, wanted: StaffWanted) -> Listed:
        """Put what is wanted in the place of a line of this worker, role and first day that was not ended.

        Raises NotFound for a line of another facility too; Conflict for one that was ended, or where nobody would be
        left to supervise; Invalid for days that are none.
        """
        async with transaction(self.pool) as connection:
            line = await self._line(connection, caller, staff_id)
            if line.ended_at is not None:
                raise Conflict("line-over")
            return await self._put(connection, caller, wanted)

    async def _put(self, connection: Connection, caller: Caller, wanted: StaffWanted) -> Listed:
        facility, begins = caller.facility or "", wanted.begins or self.today()
        if wanted.until is not None and wanted.until < begins:
            raise Invalid(faults=[Fault("/until", BEFORE)])
        line = await repository.put(
            connection,
            facility,
            wanted.subject,
            wanted.role,
            wanted.stands_in_for,
            (begins, wanted.until),
            caller.subject,
            clinician=wanted.clinician,
        )
        await self._supervised(connection, facility)
        return line

    async def end(self, caller: Caller, staff_id: UUID) -> None:
        """A worker left: their line ends now, and so do all their sessions here and older credentials. Again is
        the same.

        Raises NotFound for a line of another facility too; Conflict for the last supervisor.
        """
        async with transaction(self.pool) as connection:
            line = await self._line(connection, caller, staff_id)
            if line.ended_at is None:
                await repository.end(connection, staff_id, clock.now(), caller.subject)
                await self._supervised(connection, caller.facility or "")
                await self._shut_out(connection, caller, line.subject)

    async def revoke(self, caller: Caller, staff_id: UUID) -> None:
        """A device is lost: all sessions here and older credentials of that worker end; they log in again, and go
        on.

        Raises NotFound for a line of another facility too.
        """
        async with transaction(self.pool) as connection:
            line = await self._line(connection, caller, staff_id)
            await self._shut_out(connection, caller, line.subject)

    async def _judged(self, connection: Connection, callers: Sequence[Caller]) -> list[frozenset[str] | None]:
        """The roles that count now for each; None for a credential that is void."""
        asked = [(caller.subject, caller.facility or "") for caller in callers]
        found = await repository.standings(connection, asked, self.today())
        return [
            None
            if rules.void(standing, caller.issued_at)
            else rules.roles_here(standing, caller.roles, demanded=self.demanded)
            for caller, standing in zip(callers, found, strict=True)
        ]

    async def _line(self, connection: Connection, caller: Caller, staff_id: UUID) -> Listed:
        await repository.one_by_one(connection, caller.facility or "")
        line = await repository.one(connection, staff_id, caller.facility or "")
        if line is None:
            raise NotFound
        return line

    async def _supervised(self, connection: Connection, facility: str) -> None:
        lines = await repository.staff(connection, facility)
        if not any(line.role == "supervisor" and line.on(self.today()) for line in lines):
            raise Conflict("supervisor-needed")

    async def _shut_out(self, connection: Connection, caller: Caller, subject: str) -> None:
        facility = caller.facility or ""
        await repository.revoke(connection, facility, subject, clock.now(), caller.subject)
        await own.forget_slips_of(connection, facility, subject)  # before sessions, as whoever logs in by one
        await sessions.end_all_at(connection, subject, facility)
