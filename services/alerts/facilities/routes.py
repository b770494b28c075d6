"""HTTP of staff: a supervisor lists who works at their facility, stand-ins too, and shuts out who no longer does."""

from uuid import UUID

from fastapi import APIRouter, Request

from services.alerts.facilities.repository import Listed
from services.alerts.facilities.schemas import StaffBody, StaffList, StaffWanted
from services.alerts.sessions.callers import CareStaff, Supervisor
from services.alerts.state import alerts_of
from shared.written import CallerFirst

router = APIRouter(tags=["staff"], route_class=CallerFirst)


@router.get("/v1/staff")
async def read(request: Request, caller: CareStaff) -> StaffList:
    """Who works at the caller's facility, with dates."""
    staff = alerts_of(request).staff
    return StaffList(staff=[body(line, request) for line in await staff.listed(caller)])


@router.put("/v1/staff")
async def put(request: Request, wanted: StaffWanted, caller: Supervisor) -> StaffBody:
    """List a worker or a stand-in, or change the line that begins the same day. 409: nobody would supervise today."""
    return body(await alerts_of(request).staff.put(caller, wanted), request)


@router.delete("/v1/staff/{staff_id}", status_code=204)
async def end(request: Request, staff_id: UUID, caller: Supervisor) -> None:
    """A worker left: the line ends now, with all their sessions, open streams and older tokens. Again is the same."""
    await alerts_of(request).staff.end(caller, staff_id)


@router.post("/v1/staff/{staff_id}/revocation", status_code=204)
async def revoke(request: Request, staff_id: UUID, caller: Supervisor) -> None:
    """A device is lost: that worker's sessions, open streams and older tokens end. They log in again, and go on."""
    await alerts_of(request).staff.revoke(caller, staff_id)


def body(line: Listed, request: Request) -> StaffBody:
    """Shape a line, as of today."""
    return StaffBody(
        id=line.staff_id,
        subject=line.subject,
        role=line.role,
        clinician=line.clinician,
        stands_in_for=line.stands_in_for,
        begins=line.valid_from,
        until=line.valid_until,
        active=line.on(alerts_of(request).today()),
        shut_out_at=line.shut_out_at,
    )
