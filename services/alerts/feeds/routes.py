"""HTTP of a facility's feed, for its care workers: supervisors have counts."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response

from services.alerts.feeds import handlers
from services.alerts.feeds.json_feed import MEDIA_TYPE
from services.alerts.registration_help.handlers import facility_feed
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from shared.errors import language_of
from shared.feed.http import After, Limit, Wait, feed_page, feed_stream
from shared.feed.values import Cursor

router = APIRouter(tags=["feed"])


@router.get("/v1/feed")
async def read(
    request: Request, caller: CareWorker, after: After = None, limit: Limit = 100, wait: Wait = 0
) -> Response:
    """The announcements of the caller's facility, as a numbered feed. Reads are written into the access log."""
    alerts = alerts_of(request)
    reading, kept = handlers.listening(alerts, caller)
    feed = facility_feed(caller.facility or "")
    return await feed_page(reading, alerts.service.watch, feed, 0, after, limit, wait, kept)


@router.get("/v1/feed/stream")
async def listen(
    request: Request, caller: CareWorker, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """The same as Server-Sent Events, resumable with Last-Event-ID."""
    alerts = alerts_of(request)
    reading, kept = handlers.listening(alerts, caller)
    return await feed_stream(reading, alerts.service.watch, facility_feed(caller.facility or ""), last_event_id, kept)


@router.get("/v1/feed.json")
async def newest(
    request: Request,
    caller: CareWorker,
    before: Annotated[str | None, Query(description="Cursor; `next_url` carries it.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The same as JSON Feed 1.1, newest first. Names only while the task is on the caller's list."""
    cursor = Cursor.parse(before) if before else None
    language = language_of(request.headers.get("accept-language"))
    document = await handlers.newest(alerts_of(request), caller, cursor, limit, language)
    headers = {"cache-control": "no-store", "content-language": language, "vary": "Accept-Language"}
    return Response(document.model_dump_json(exclude_none=True), media_type=MEDIA_TYPE, headers=headers)
