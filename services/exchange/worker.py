"""The exchange's worker: follows the registry's changes into receipts and feeds; sends webhooks; Kafka at the edges."""

import asyncio

from services.exchange.agreements.current import CurrentAgreements
from services.exchange.agreements.life import Life
from services.exchange.agreements.provisioned import take_files
from services.exchange.agreements.worker import expire
from services.exchange.app import ensure_feeds
from services.exchange.corrections.decided import keep_telling
from services.exchange.deliveries.telling import deliveries
from services.exchange.distribution.handlers import Distribution
from services.exchange.feeds.names import SHARING
from services.exchange.intake.dating import date_journal
from services.exchange.intake.journal import FEED, PARTITIONS, Journal
from services.exchange.kafka import run_edges
from services.exchange.reconciliation.running.checks import reconciler
from services.exchange.reconciliation.topics.checks import topics_of
from shared import collector
from shared.app import open_service
from shared.auth.caller import DEPARTMENTS
from shared.client import Client, sender_for
from shared.deliveries.worker import DeliveryWorker
from shared.feed.follow import Follower
from shared.kafka.connecting import kafka_settings
from shared.kafka.internal import fetching, publish_feeds
from shared.kafka.relay import Source
from shared.settings import Settings
from shared.sharing.authorities import Authorities


async def work(settings: Settings) -> None:
    """Run until cancelled. Raises ListenerRefused at once where Kafka is set up as production must not have it."""
    kafka = kafka_settings(settings)
    service = await open_service(settings)
    await ensure_feeds(service)
    await take_files(service)
    collector.seldom()
    agreements = CurrentAgreements(Authorities.load(settings.provisioning))
    distribution = Distribution(service.feeds, agreements, sorted(DEPARTMENTS))
    journal = Journal(service.pool, service.ring)
    mine = [*(Source(journal, FEED, each) for each in range(PARTITIONS)), Source(service.feeds, SHARING)]
    async with (
        Client(settings.registry_url, settings.bearer) as registry,
        fetching(service, kafka, registry.fetch) as fetch,
    ):
        follower = Follower("changes", 0, fetch, service.pool, service.ring, distribution.handle)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(follower.run())
            tasks.create_task(DeliveryWorker(deliveries(service, sender_for(settings))).run())
            tasks.create_task(expire(Life(service, agreements.authorities)))
            tasks.create_task(date_journal(service))
            tasks.create_task(keep_telling(service))
            tasks.create_task(reconciler(service, registry, agreements, topics_of(service, kafka)).run())
            tasks.create_task(publish_feeds(service, kafka, mine))
            if kafka is not None:
                tasks.create_task(run_edges(service, kafka))
