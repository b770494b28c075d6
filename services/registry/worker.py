"""The registry's worker: folds accepted vital events, one follower a partition; rejects what nobody decided in time."""

import asyncio
import gc

import structlog

from services.registry.app import ensure_feeds
from services.registry.facts.deadlines import reject_overdue
from services.registry.facts.handlers import Folding
from services.registry.facts.stored import Vault
from services.registry.facts.told import Telling
from services.registry.sharing.handlers import Sharing
from shared.app import Service, open_service
from shared.auth.caller import DEPARTMENTS
from shared.client import Client
from shared.feed.follow import PASSING, Follower
from shared.settings import Settings
from shared.sharing.authorities import Authorities

log = structlog.get_logger()
VITAL_EVENTS, SHARING = "vital-events", "sharing"
ORDINARY, BULK = 500, 100  # events in a page: bulk corrections hold people and heads for a shorter time than others may
PAGES = (ORDINARY, ORDINARY, ORDINARY, ORDINARY, BULK)  # by partition; the last one is the lane of bulk corrections
LOOK_FOR_OVERDUE = 60.0  # seconds


def folding_of(service: Service) -> Folding:
    """The fold with this service's keys, feeds and authorities."""
    authorities = Authorities.load(service.settings.provisioning)
    telling = Telling(service.ring, sorted(DEPARTMENTS))
    return Folding(Vault(service.ring), service.feeds, telling, authorities.by_attribute())


async def deadlines(service: Service) -> None:
    """Look for held events past their day, now and then."""
    while True:
        try:
            await reject_overdue(service.pool, service.feeds)
        except PASSING as trouble:
            log.warning("deadlines_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(LOOK_FOR_OVERDUE)


async def work(settings: Settings) -> None:
    """Run until cancelled."""
    service = await open_service(settings)
    await ensure_feeds(service)
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)  # a page makes many objects and no cycles (measured: a fifth of its CPU time)
    folding = folding_of(service)
    async with Client(settings.exchange_url, settings.bearer) as exchange, asyncio.TaskGroup() as tasks:
        for partition, limit in enumerate(PAGES):
            follower = Follower(
                VITAL_EVENTS, partition, exchange.fetch, service.pool, service.ring, folding.handle, limit
            )
            tasks.create_task(follower.run())
        sharing = Follower(SHARING, 0, exchange.fetch, service.pool, service.ring, Sharing(folding).handle)
        tasks.create_task(sharing.run())
        tasks.create_task(deadlines(service))
