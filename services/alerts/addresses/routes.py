"""HTTP of secret addresses: for the workers who own them, and for whatever reads them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from fastapi.responses import Response

from services.alerts.addresses import handlers
from services.alerts.addresses.limits import Limits
from services.alerts.addresses.repository import Address
from services.alerts.addresses.rules import fingerprint
from services.alerts.addresses.schemas import AddressBody, Addresses, AddressWanted, AddressWithUrl
from services.alerts.feeds import icalendar, json_feed
from services.alerts.sessions.callers import CareStaff
from services.alerts.state import Alerts, alerts_of
from shared.errors import NotFound
from shared.written import CallerFirst

router = APIRouter(tags=["channels"], route_class=CallerFirst)
SECRET = APIRouter(tags=["channels"])
"""What is read with no other credential than the address itself."""

# Neither a cache nor the page that somebody opens from there may learn the address, nor a search engine find it.
HEADERS = {"cache-control": "private, no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex, nofollow"}
FILES = {"feed": "feed.json", "calendar": "calendar.ics"}
T = TypeVar("T")


def shown(request: Request, response: Response, found: tuple[Address, str]) -> AddressWithUrl:
    """An address with its secret, this once."""
    address, secret = found
    response.headers["cache-control"] = "no-store"
    base = alerts_of(request).service.settings.alerts_url
    url = f"{base}/secret/{secret}/{FILES[address.kind]}"
    return AddressWithUrl(**AddressBody.of(address).model_dump(), url=url)


@router.get("/v1/channels/addresses", summary="My secret addresses")
async def listed(request: Request, caller: CareStaff) -> Addresses:
    """When each was made, read last and revoked; the addresses themselves are not kept."""
    return Addresses(addresses=[AddressBody.of(each) for each in await handlers.listed(alerts_of(request), caller)])


@router.post("/v1/channels/addresses", status_code=status.HTTP_201_CREATED, summary="Make a secret address")
async def make(request: Request, response: Response, wanted: AddressWanted, caller: CareStaff) -> AddressWithUrl:
    """A JSON Feed or a calendar with the counts of the caller's facility, for any reader. `url` is shown this once."""
    return shown(request, response, await handlers.make(alerts_of(request), caller, wanted.kind, wanted.language))


@router.post("/v1/channels/addresses/{address_id}/rotate", summary="Give it another secret")
async def rotate(request: Request, response: Response, address_id: UUID, caller: CareStaff) -> AddressWithUrl:
    """The address it had before is unknown from now on."""
    return shown(request, response, await handlers.rotate(alerts_of(request), caller, address_id))


@router.delete("/v1/channels/addresses/{address_id}", status_code=status.HTTP_204_NO_CONTENT)
async def revoke(request: Request, address_id: UUID, caller: CareStaff) -> None:
    """It is unknown from now on. Again is the same."""
    await handlers.revoke(alerts_of(request), caller, address_id)


async def limits_of(request: Request) -> Limits:
    """The limits of this process."""
    limits: Limits = request.app.state.address_limits
    return limits


OfLimits = Annotated[Limits, Depends(limits_of)]


async def read(request: Request, limits: Limits, secret: str, reading: Callable[[Alerts, str], Awaitable[T]]) -> T:
    """What stands at an address. Raises NotFound for whatever is none; Problem (429)."""
    origin = request.client.host if request.client else ""
    limits.guessing(origin)
    printed = fingerprint(secret)
    try:
        if printed is None:
            raise NotFound
        limits.pull(printed)
        return await reading(alerts_of(request), secret)
    except NotFound:
        limits.wrong(origin)
        raise


@SECRET.get("/secret/{secret}/feed.json", summary="Counts by day, as JSON Feed 1.1")
async def feed(request: Request, secret: str, limits: OfLimits) -> Response:
    """The newest daily digests: how much there is to do, and a link. Unknown, revoked: 404."""
    document = await read(request, limits, secret, handlers.feed)
    return Response(document, media_type=json_feed.MEDIA_TYPE, headers=HEADERS)


@SECRET.get("/secret/{secret}/calendar.ics", summary="Counts by day, as a calendar")
async def calendar(request: Request, secret: str, limits: OfLimits) -> Response:
    """RFC 5545: an all-day event for each day with tasks, with their number and a link. Unknown, revoked: 404."""
    document = await read(request, limits, secret, handlers.calendar)
    return Response(document, media_type=icalendar.MEDIA_TYPE, headers=HEADERS)
