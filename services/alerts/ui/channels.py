"""/channels: the secret addresses of whoever is signed in, and for supervisors the facility's webhooks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.addresses import handlers
from services.alerts.addresses.repository import Address
from services.alerts.addresses.routes import FILES
from services.alerts.addresses.schemas import AddressWanted
from services.alerts.sessions.callers import CareStaff
from services.alerts.state import alerts_of
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES, frame
from services.alerts.webhooks import repository as webhooks
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid
from shared.sessions.pages import SEE_OTHER, page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

SAID = frozenset({"revoked", "deleted"})


@router.get("/channels")
async def read(
    request: Request, caller: CareStaff, noted: Annotated[str | None, Query(max_length=20)] = None
) -> Response:
    """What leads out of the page: addresses with counts, and webhooks."""
    return await page(request, caller, noted=noted if noted in SAID else None)


async def page(
    request: Request,
    caller: Caller,
    *,
    noted: str | None = None,
    form: dict[str, str] | None = None,
    faults: list[str] | None = None,
    status: int = 200,
) -> Response:
    """The lists and forms, as they were filled in, with what was wrong."""
    alerts, supervisor = alerts_of(request), "supervisor" in caller.roles
    listed = [each for each in await handlers.listed(alerts, caller) if each.revoked_at is None]
    found = None
    if supervisor:
        async with alerts.service.pool.acquire() as connection:
            found = await webhooks.listed(connection, caller.facility or "")
    values = {"addresses": listed, "webhooks": found, "noted": noted, "form": form or {}, "faults": faults or []}
    return PAGES.render(request, "channels.html", values | frame(request, caller, "/channels"), status=status)


@router.post("/channels/addresses")
async def make(request: Request, caller: CareStaff) -> Response:
    """Another address, shown once."""
    form = await texts_of(request)
    try:
        wanted = body(AddressWanted, filled(form, "kind", "language"))
        made = await handlers.make(alerts_of(request), caller, wanted.kind, wanted.language)
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, form=form, faults=said(request, refusal), status=refusal.status)
    return shown_once(request, caller, *made)


@router.post("/channels/addresses/{address}/rotate")
async def rotate(request: Request, address: UUID, caller: CareStaff) -> Response:
    """Another secret for it, shown once; the one before is unknown from now on."""
    return shown_once(request, caller, *await handlers.rotate(alerts_of(request), caller, address))


@router.post("/channels/addresses/{address}/revocation")
async def revoke(request: Request, address: UUID, caller: CareStaff) -> Response:
    """It is unknown from now on."""
    await handlers.revoke(alerts_of(request), caller, address)
    return RedirectResponse("/channels?noted=revoked", SEE_OTHER)


def shown_once(request: Request, caller: Caller, address: Address, secret: str) -> Response:
    """The address with its secret."""
    base = alerts_of(request).service.settings.alerts_url
    values = {
        "what": f"address-{address.kind}",
        "secret": f"{base}/secret/{secret}/{FILES[address.kind]}",
        "name": None,
    }
    return PAGES.render(request, "shown_once.html", values | frame(request, caller, "/channels"))
