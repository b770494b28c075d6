"""Feeds of the exchange: each department's own, and the accepted events for the registry."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response

from services.exchange.feeds.names import SHARING, department_feed
from services.exchange.feeds.reading import DepartmentFeeds, feeds_of
from services.exchange.intake.journal import FEED, Journal
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden, NotFound
from shared.feed.http import After, Limit, Partition, Wait, feed_page, feed_stream, reading
from shared.feed.log import FeedLog

router = APIRouter(tags=["feeds"])

Follower = Annotated[Caller, Depends(require("follower", department=True, everywhere=True))]
Registry = Annotated[Caller, Depends(require(service=True))]
Shared = Annotated[Service, Depends(service_of)]
Own = Annotated[DepartmentFeeds, Depends(feeds_of)]


@router.get("/v1/feed", summary="Follow my department's feed")
async def own_feed(
    caller: Follower, service: Shared, feeds: Own, after: After = None, limit: Limit = 200, wait: Wait = 0
) -> Response:
    """Entries after a cursor, in order: `{epoch, head, next_after, entries}`. Commit what they say together with
    `next_after`, and ask on with it; an empty page has one, too. An entry comes at least once and keeps its `id`.

    Each entry as agreements allow now: of which nothing may be read any more is `{position, withheld: true}`; pass over
    it. 409 feed-reset for a cursor of another epoch, or beyond the head: empty what the feed told you of people, and
    begin without a cursor or with GET /v1/snapshot. 422 for what never was a cursor.
    """
    feed = department_feed(caller.department or "")
    return await feed_page(reading(service.pool, feeds, feed), service.watch, feed, 0, after, limit, wait)


@router.get("/v1/feed/stream", summary="My department's feed as Server-Sent Events")
async def own_stream(
    caller: Follower, service: Shared, feeds: Own, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """The same entries as they come; resumes after `Last-Event-ID`, an unknown one gets a `reset` event first."""
    feed = department_feed(caller.department or "")
    return await feed_stream(reading(service.pool, feeds, feed), service.watch, feed, last_event_id)


@router.get("/v1/feeds/{feed}", summary="Internal: accepted events, and what was agreed and told, for the registry")
async def internal_feed(
    feed: str,
    request: Request,
    caller: Registry,
    service: Shared,
    partition: Partition = 0,
    after: After = None,
    limit: Limit = 500,
    wait: Wait = 0,
) -> Response:
    """`vital-events` (the journal, by person) and `sharing` (agreements, cases, disclosures)."""
    if caller.service != "registry":
        raise Forbidden
    journal: Journal = request.app.state.journal
    logs: dict[str, FeedLog | Journal] = {FEED: journal, SHARING: service.feeds}
    if feed not in logs:
        raise NotFound
    read = reading(service.pool, logs[feed], feed, partition)
    return await feed_page(read, service.watch, feed, partition, after, limit, wait)
