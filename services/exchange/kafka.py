"""Kafka at the edges: intake and feed topics of the departments that prefer it. The core knows no broker."""

import asyncio

from services.exchange.distribution.kafka import Relay
from services.exchange.intake.handlers import Intake
from services.exchange.intake.journal import Journal
from services.exchange.intake.kafka import TopicIntake
from shared.app import Service
from shared.kafka.producer import TopicProducer
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import feed_topic, intake_topic
from shared.kafka.watchdog import watch
from shared.sharing.departments import Departments
from shared.sharing.schemes import Schemes


async def run_edges(service: Service, kafka: KafkaSettings) -> None:
    """Read every such department's intake and publish its feed, until cancelled.

    Each task rides out the troubles of its own topic by itself. What it does not is a bug, and ends all, loudly.
    """
    departments = Departments.load(service.settings.provisioning)
    names = [department.name for department in departments.all() if department.kafka]
    prefix = service.settings.kafka_topics
    schemes = Schemes.load(service.settings.provisioning)
    intake = Intake(Journal(service.pool, service.ring), departments, schemes)
    async with TopicProducer(kafka) as producer, asyncio.TaskGroup() as tasks:
        intakes = [TopicIntake(service, intake, name, kafka, intake_topic(name, prefix)) for name in names]
        relays = [Relay(service, producer, name, kafka, feed_topic(name, prefix)) for name in names]
        for running in [*(each.run() for each in intakes), *(each.run() for each in relays)]:
            tasks.create_task(running)
        tasks.create_task(watch([*intakes, *relays]))
