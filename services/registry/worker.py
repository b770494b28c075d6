"""The registry's worker: folds accepted vital events, one follower a partition; rejects what nobody decided in time."""

import asyncio
from collections.abc import Callable

import structlog

from services.registry.app import ensure_feeds
from services.registry.areas.handlers import Areas
from services.registry.blocks.handlers import Blinding
from services.registry.cases.deadlines import end_overdue
from services.registry.contradictions.worker import judge_families
from services.registry.facts.deadlines import reject_overdue
from services.registry.facts.handlers import Folding
from services.registry.facts.told import CARE_FEED, CHANGES, Telling
from services.registry.folding import folding_of
from services.registry.imports.telling import tell_imported
from services.registry.matching.handlers import Matching
from services.registry.misuse.judging import Judge, limits_of
from services.registry.people.given import tell_given
from services.registry.people.quotas import forget
from services.registry.reconciliation.checks import reconciler
from services.registry.retelling.handlers import retell
from services.registry.sharing.agreements import settle
from services.registry.sharing.handlers import Sharing
from services.registry.statistics.places import home_of
from services.registry.statistics.recount import recount_of
from services.registry.statistics.releases import Releases
from services.registry.statistics.worker import months, totals
from services.registry.uploads.worker import Importer
from shared import collector
from shared.app import Service, open_service
from shared.audit.seal import Sealer
from shared.client import Client
from shared.feed.follow import PASSING, Follower
from shared.kafka.connecting import kafka_settings
from shared.kafka.internal import fetching, publish_feeds
from shared.kafka.relay import Source
from shared.settings import Settings

log = structlog.get_logger()
VITAL_EVENTS, SHARING = "vital-events", "sharing"
ORDINARY, BULK = 500, 100  # events in a page: bulk corrections hold people and heads for a shorter time than others may
PAGES = (ORDINARY, ORDINARY, ORDINARY, ORDINARY, BULK)  # by partition; the last one is the lane of bulk corrections
AT_ONCE = 2  # pages folded side by side, one while the other waits for the database: more would make all of them late
LOOK_FOR_OVERDUE = 60.0  # seconds
LOOK_FOR_LOOK_UPS = 0.5
LOOK_FOR_RETELLINGS = 1.0
LOOK_FOR_IMPORTS = 5.0
LOOK_FOR_UPLOADS = 2.0
BETWEEN_PAGES = 0.05  # of imported people: whoever reports meanwhile is not kept waiting
LOOK_FOR_MATCHES = 2.0
WHILE_BEHIND = 1.0  # between two pages of comparisons: they take as much of this process as half of the fold
LOOK_FOR_FAMILIES = 1.0


async def deadlines(service: Service, telling: Telling) -> None:
    """Look for held events and cases past their day, now and then."""
    while True:
        try:
            await reject_overdue(service.pool, service.feeds)
            await end_overdue(service.pool, service.feeds, telling)
            await forget(service.pool)
        except PASSING as trouble:
            log.warning("deadlines_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(LOOK_FOR_OVERDUE)


async def look_ups(service: Service, folding: Folding) -> None:
    """Tell the exchange what look-ups gave, soon after."""
    while True:
        told = 0
        try:
            told = await tell_given(service.pool, service.feeds, folding.vault, folding.telling)
        except PASSING as trouble:
            log.warning("look_ups_wait", trouble=type(trouble).__name__)
        if not told:
            await asyncio.sleep(LOOK_FOR_LOOK_UPS)


async def retellings(service: Service, folding: Folding) -> None:
    """Tell once more what agreements that came into force disclose. Each page holds the head of `changes`: for as long
    as it did others are let in, so that what is reported meanwhile is told soon."""
    while True:
        held = None
        try:
            held = await retell(service.pool, service.feeds, folding.vault, folding.telling)
        except PASSING as trouble:
            log.warning("retellings_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(LOOK_FOR_RETELLINGS if held is None else held)


async def imports(service: Service, folding: Folding) -> None:
    """Tell of the people of imported registers."""
    while True:
        told = False
        try:
            told = await tell_imported(service.pool, service.feeds, folding.vault, folding.telling)
        except PASSING as trouble:
            log.warning("imports_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(BETWEEN_PAGES if told else LOOK_FOR_IMPORTS)


async def uploads(service: Service) -> None:
    """Import registers that were sent over HTTP, one after the other."""
    importer = Importer(service.pool, service.ring, service.settings)
    while True:
        done = False
        try:
            done = await importer.step()
        except (*PASSING, TimeoutError) as trouble:
            log.warning("uploads_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(0 if done else LOOK_FOR_UPLOADS)


async def families(service: Service, folding: Folding) -> None:
    """Judge families whose facts changed, soon after."""
    while True:
        judged = 0
        try:
            judged = await judge_families(service.pool, folding.vault)
        except PASSING as trouble:
            log.warning("families_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(0 if judged else LOOK_FOR_FAMILIES)


async def matches(service: Service, folding: Folding, behind: Callable[[], bool]) -> None:
    """Compare new people with those who may be the same. `behind`: whether there is a backlog of reports, which others
    wait for; comparing goes on, but slowly, until it is folded."""
    matching = Matching(service.pool, folding, Blinding(service.ring))
    while True:
        done = 0
        try:
            done = await matching.step()
        except PASSING as trouble:
            log.warning("matching_waits", trouble=type(trouble).__name__)
        await asyncio.sleep(LOOK_FOR_MATCHES if not done else WHILE_BEHIND if behind() else 0)


async def work(settings: Settings) -> None:
    """Run until cancelled. Raises ListenerRefused at once where Kafka is set up as production must not have it."""
    kafka = kafka_settings(settings)
    service = await open_service(settings)
    await ensure_feeds(service)
    collector.seldom()
    folding = folding_of(service)
    async with (
        Client(settings.exchange_url, settings.bearer) as exchange,
        fetching(service, kafka, exchange.fetch) as fetch,
        asyncio.TaskGroup() as tasks,
    ):
        turns = asyncio.Semaphore(AT_ONCE)
        followers = [
            Follower(VITAL_EVENTS, partition, fetch, service.pool, service.ring, folding.handle, limit, turns=turns)
            for partition, limit in enumerate(PAGES)
        ]
        for follower in followers:
            tasks.create_task(follower.run())
        sharing = Follower(SHARING, 0, fetch, service.pool, service.ring, Sharing(folding).handle, 50, settle)
        tasks.create_task(sharing.run())
        mine = [Source(service.feeds, CHANGES), Source(service.feeds, CARE_FEED)]
        tasks.create_task(publish_feeds(service, kafka, mine))
        tasks.create_task(deadlines(service, folding.telling))
        tasks.create_task(reconciler(service, folding).run())
        tasks.create_task(Sealer(service.pool, service.ring, "registry").run())
        tasks.create_task(Judge(service.pool, folding.vault, limits_of(service.settings)).run())
        tasks.create_task(look_ups(service, folding))
        tasks.create_task(retellings(service, folding))
        tasks.create_task(imports(service, folding))
        tasks.create_task(uploads(service))
        tasks.create_task(matches(service, folding, lambda: any(each.behind for each in followers)))
        tasks.create_task(families(service, folding))
        areas = Areas(service.pool, service.ring, settings.provisioning)
        tasks.create_task(totals(service.pool, areas, recount_of(service, folding)))
        tasks.create_task(months(Releases(service.pool, home_of(settings.provisioning))))
