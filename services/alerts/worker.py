"""The worker of alerts: follows the registry's feed `care`, and lets days pass."""

import asyncio
import gc
from collections.abc import Awaitable, Callable

import structlog

from services.alerts.contacts.passing import awaken, let_days_pass
from services.alerts.digests.handlers import Digests
from services.alerts.episodes.care import Care
from services.alerts.episodes.ending import tell_ends
from services.alerts.episodes.ledger import LedgerBroken
from services.alerts.episodes.looking import look
from services.alerts.episodes.restoring import replay, sweep
from services.alerts.facilities.settling import Settling
from services.alerts.handovers.moving import Moving
from services.alerts.misuse.judging import Judge
from services.alerts.reconciliation.checks import reconciler
from services.alerts.registration_help.handlers import Helps
from services.alerts.state import Alerts
from services.alerts.webhooks.telling import deliveries
from shared import collector
from shared.app import open_service
from shared.audit.seal import Sealer
from shared.client import Client, sender_for
from shared.deliveries.worker import DeliveryWorker
from shared.feed.follow import PASSING, Follower
from shared.kafka.connecting import kafka_settings
from shared.kafka.internal import fetching
from shared.settings import Settings

log = structlog.get_logger()
LOOK_EVERY = 1.0  # seconds; one look at an index that is almost always empty
DIGESTS_EVERY = 20.0  # seconds; so much later than its hour a digest may come


async def work(settings: Settings) -> None:
    """Run until cancelled. Raises ListenerRefused at once where Kafka is set up as production must not have it."""
    kafka = kafka_settings(settings)
    service = await open_service(settings, connections=6)
    try:
        alerts = Alerts.of(service)
        helps = alerts.helps
        erased = await replay(alerts.care)
        if woken := await awaken(alerts.care):
            log.warning("contacts_awakened", contacts=woken)
        await helps.ensure_feeds()
        gc.collect()
        collector.seldom()
        async with (
            Client(settings.registry_url, settings.bearer) as registry,
            fetching(service, kafka, registry.fetch) as fetch,
            asyncio.TaskGroup() as tasks,
        ):
            follower = Follower("care", 0, fetch, service.pool, service.ring, alerts.hearing.handle)
            tasks.create_task(follower.run())
            tasks.create_task(keep_care(alerts.care, alerts.moving, erased))
            settling = Settling(service.pool, alerts.facilities, alerts.areas, alerts.hearing, alerts.today)
            tasks.create_task(keep_time(helps, settling))
            tasks.create_task(make_digests(Digests(alerts, settings.digest_hour)))
            tasks.create_task(DeliveryWorker(deliveries(alerts, sender_for(settings))).run())
            tasks.create_task(Sealer(service.pool, service.ring, "alerts").run())
            tasks.create_task(Judge(service.pool).run())
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


async def keep_care(care: Care, moving: Moving, erased: int) -> None:
    """Finish erasures, let consents expire, contacts follow, stays end and days pass over windows, until cancelled.
    `erased`: how long the ledger was when it was replayed."""
    while True:
        try:
            erased = await sweep(care, erased)
        except PASSING as trouble:
            log.warning("care_waits", trouble=type(trouble).__name__)
        while (
            await alone(lambda: look(care))
            or await alone(moving.let_stays_end)
            or await alone(lambda: tell_ends(care))
            or await alone(lambda: pass_days(care))
        ):
            pass
        await asyncio.sleep(LOOK_EVERY)


async def alone(step: Callable[[], Awaitable[int]]) -> int:
    """How much a step did; 0 where it failed, of which the log tells: what it fails on stops nothing else. Raises
    LedgerBroken: beside that ledger nothing goes on."""
    try:
        return await step()
    except PASSING as trouble:
        log.warning("care_waits", trouble=type(trouble).__name__)
    except LedgerBroken:
        raise
    except Exception as trouble:
        log.error("care_fails", trouble=type(trouble).__name__)
    return 0


async def make_digests(digests: Digests) -> None:
    """Make the digests of each day when their hour has come, until cancelled."""
    while True:
        try:
            await digests.make_due()
        except PASSING as trouble:
            log.warning("digests_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(DIGESTS_EVERY)


async def pass_days(care: Care) -> int:
    """Two batches at once: while one is worked out, the other is written. Each takes what the other has not."""
    return sum(await asyncio.gather(let_days_pass(care), let_days_pass(care)))
