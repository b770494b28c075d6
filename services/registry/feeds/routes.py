"""Internal feeds of the registry: `changes` for the exchange, `care` for alerts. Nobody else follows either."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from services.registry.facts.told import CARE_FEED, CHANGES
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden
from shared.feed.http import After, Limit, Partition, Wait, feed_page, reading

router = APIRouter(tags=["feeds"])

READERS = {CHANGES: "exchange", CARE_FEED: "alerts"}


@router.get("/v1/feeds/{feed}", summary="Internal: what the registry tells")
async def told_feed(
    feed: str,
    caller: Annotated[Caller, Depends(require(service=True))],
    service: Annotated[Service, Depends(service_of)],
    partition: Partition = 0,
    after: After = None,
    limit: Limit = 500,
    wait: Wait = 0,
) -> Response:
    """Entries after a cursor; each feed has exactly one reader."""
    if READERS.get(feed) != caller.service:
        raise Forbidden
    read = reading(service.pool, service.feeds, feed, partition)
    return await feed_page(read, service.watch, feed, partition, after, limit, wait)
