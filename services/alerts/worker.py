"""The worker of alerts: follows the registry's feed `care`, and lets days pass."""

import asyncio

import structlog

from services.alerts.contacts.passing import let_days_pass
from services.alerts.episodes.care import Care
from services.alerts.episodes.looking import look
from services.alerts.episodes.restoring import replay, sweep
from services.alerts.facilities.settling import Settling
from services.alerts.reconciliation.checks import reconciler
from services.alerts.registration_help.handlers import Helps
from services.alerts.state import Alerts
from shared.app import open_service
from shared.audit.seal import Sealer
from shared.client import Client
from shared.feed.follow import PASSING, Follower
from shared.kafka.connecting import kafka_settings
from shared.kafka.internal import fetching
from shared.settings import Settings

log = structlog.get_logger()
LOOK_EVERY = 1.0  # seconds; one look at an index that is almost always empty


async def work(settings: Settings) -> None:
    """Run until cancelled. Raises ListenerRefused at once where Kafka is set up as production must not have it."""
    kafka = kafka_settings(settings)
    service = await open_service(settings, connections=4)
    try:
        alerts = Alerts.of(service)
        helps = alerts.helps
        erased = await replay(alerts.care)
        await helps.ensure_feeds()
        async with (
            Client(settings.registry_url, settings.bearer) as registry,
            fetching(service, kafka, registry.fetch) as fetch,
            asyncio.TaskGroup() as tasks,
        ):
            follower = Follower("care", 0, fetch, service.pool, service.ring, alerts.hearing.handle)
            tasks.create_task(follower.run())
            tasks.create_task(keep_care(alerts.care, erased))
            settling = Settling(service.pool, alerts.facilities, alerts.areas, alerts.hearing, alerts.today)
            tasks.create_task(keep_time(helps, settling))
            tasks.create_task(Sealer(service.pool, service.ring, "alerts").run())
            tasks.create_task(reconciler(service, registry.fetch).run())
    finally:
        await service.pool.close()


async def keep_time(helps: Helps, settling: Settling) -> None:
    """Settle what provisioning changed, then what each date changes, until cancelled."""
    while True:
        try:
            await settling.settle()
            while await helps.let_days_pass():
                pass
        except PASSING as trouble:
            log.warning("clock_waits", trouble=type(trouble).__name__)
        await asyncio.sleep(LOOK_EVERY)


async def keep_care(care: Care, erased: int) -> None:
    """Finish erasures, let consents expire and contacts follow, and let days pass over windows, until cancelled.
    `erased`: how long the ledger was when it was replayed."""
    while True:
        try:
            erased = await sweep(care, erased)
            while await look(care) or await let_days_pass(care):
                pass
        except PASSING as trouble:
            log.warning("care_waits", trouble=type(trouble).__name__)
        await asyncio.sleep(LOOK_EVERY)
