"""All topics that the exchange writes or reads, each beside what it is filled from or emptied into."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.exchange.feeds.names import SHARING, department_feed
from services.exchange.intake.handlers import Intake
from services.exchange.intake.journal import FEED, PARTITIONS, Journal
from services.exchange.reconciliation.running.repository import entry_ids
from services.exchange.reconciliation.topics.intake import IntakeTopics
from services.exchange.reconciliation.topics.subscriptions import SubscriptionTopic
from services.exchange.topics import repository as wishes
from shared.app import Service
from shared.kafka.sealed import KEYS, Sealed
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import feed_topic, internal_topic, subscription_topic
from shared.reconciliation.kinds import RECORD_LOST
from shared.reconciliation.running import Check, Step
from shared.reconciliation.topics import AGAIN_SECONDS, FeedTopic, beside_feeds
from shared.sharing.departments import Departments
from shared.sharing.schemes import Schemes


@dataclass
class Topics:
    """What the exchange publishes: departments' feeds, whole and by subscription, and its feeds for other services."""

    service: Service
    kafka: KafkaSettings
    departments: Sequence[str]
    again: float = AGAIN_SECONDS
    known: dict[UUID, SubscriptionTopic] = field(default_factory=dict)
    feeds: list[FeedTopic] = field(init=False)

    def __post_init__(self) -> None:
        pool, kafka, prefix = self.service.pool, self.kafka, self.service.settings.kafka_topics
        self.feeds = [
            FeedTopic(pool, kafka, feed_topic(name, prefix), department_feed(name)) for name in self.departments
        ]
        if self.service.settings.kafka_internal_feeds:
            parts = [*((FEED, each) for each in range(PARTITIONS)), (SHARING, 0)]
            for feed, partition in parts:
                form = Sealed(self.service.ring, KEYS[feed], feed, partition)
                topic = internal_topic(feed, prefix)
                self.feeds.append(FeedTopic(pool, kafka, topic, feed, partition, form, entry_ids))

    def check(self) -> Check:
        """As a check of the exchange's reconciler."""
        return Check("topics", (RECORD_LOST,), self.look)

    async def look(self, place: str) -> AsyncIterator[Step]:
        """One partition of a topic a step."""
        async for step in beside_feeds([*self.feeds, *await self.subscriptions()], self.again, place):
            yield step

    async def subscriptions(self) -> list[SubscriptionTopic]:
        """The topics of present subscriptions; what was read of them is kept."""
        prefix = self.service.settings.kafka_topics
        wanted = await wishes.wanted(self.service.pool, self.departments)
        self.known = {
            each.subscription_id: self.known.get(each.subscription_id)
            or SubscriptionTopic(
                self.service.pool,
                self.kafka,
                subscription_topic(each.department, each.name, prefix),
                department_feed(each.department),
                subscription=each.subscription_id,
            )
            for each in wanted
        }
        return list(self.known.values())


def topics_of(service: Service, kafka: KafkaSettings | None) -> list[Check]:
    """The checks of topics, where there are any."""
    if kafka is None:
        return []
    departments = Departments.load(service.settings.provisioning)
    names = [department.name for department in departments.all() if department.kafka]
    schemes = Schemes.load(service.settings.provisioning)
    intake = Intake(Journal(service.pool, service.ring), departments, schemes)
    return [Topics(service, kafka, names).check(), IntakeTopics(service, intake, kafka, names).check()]
