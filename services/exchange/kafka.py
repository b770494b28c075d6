"""Kafka at the edges: intake and feed topics of the departments that prefer it. The core knows no broker."""

import asyncio
from collections.abc import Sequence

from services.exchange.feeds.names import department_feed
from services.exchange.feeds.reading import department_feeds
from services.exchange.feeds.topic import DepartmentRelay
from services.exchange.intake.handlers import Intake
from services.exchange.intake.journal import Journal
from services.exchange.intake.kafka import KEEP_SECONDS, TopicIntake
from services.exchange.intake.kafka_members import Members
from services.exchange.topics.worker import SubscriptionTopics
from shared.app import Service
from shared.kafka.producer import TopicProducer
from shared.kafka.relay import Source
from shared.kafka.settings import KafkaSettings
from shared.kafka.standing import StandingTopics
from shared.kafka.topics import Topic, feed_topic, intake_topic
from shared.kafka.watchdog import watch
from shared.sharing.departments import Departments
from shared.sharing.schemes import Schemes


async def run_edges(service: Service, kafka: KafkaSettings) -> None:
    """Read every such department's intake and publish its feed, whole and by subscription, until cancelled.

    Each task rides out the troubles of its own topic by itself. What it does not is a bug, and ends all, loudly.
    """
    departments = Departments.load(service.settings.provisioning)
    names = [department.name for department in departments.all() if department.kafka]
    prefix = service.settings.kafka_topics
    schemes = Schemes.load(service.settings.provisioning)
    intake = Intake(Journal(service.pool, service.ring), departments, schemes)
    standing = StandingTopics(kafka, edge_topics(names, prefix))
    feeds = department_feeds(service)
    members = Members(service.pool)
    async with TopicProducer(kafka) as producer, asyncio.TaskGroup() as tasks:
        intakes = [
            TopicIntake(service, intake, name, kafka, intake_topic(name, prefix), standing, members) for name in names
        ]
        relays = [
            DepartmentRelay(
                service,
                producer,
                kafka,
                feed_topic(name, prefix),
                Source(feeds, department_feed(name)),
                standing,
                members=members,
            )
            for name in names
        ]
        for running in [*(each.run() for each in intakes), *(each.run() for each in relays)]:
            tasks.create_task(running)
        tasks.create_task(members.run())
        topics = SubscriptionTopics(service, producer, kafka, feeds, names, members)
        tasks.create_task(topics.run())
        tasks.create_task(watch([*intakes, *relays]))
        tasks.create_task(watch(topics.relays))


def edge_topics(departments: Sequence[str], prefix: str) -> list[Topic]:
    """Both topics of each department: what it reports is kept for a while, its feed for ever."""
    intakes = [Topic(intake_topic(name, prefix), partitions=None, keep_seconds=KEEP_SECONDS) for name in departments]
    return [*intakes, *(Topic(feed_topic(name, prefix)) for name in departments)]
