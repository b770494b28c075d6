"""The registry's feeds beside their topics, where the services follow each other through Kafka as well."""

from functools import partial

from services.registry.facts.told import CARE_FEED, CHANGES
from shared.app import Service
from shared.kafka.connecting import kafka_settings
from shared.kafka.sealed import KEYS, Sealed
from shared.kafka.topics import internal_topic
from shared.reconciliation.kinds import RECORD_LOST
from shared.reconciliation.running import Check
from shared.reconciliation.topics import AGAIN_SECONDS, FeedTopic, beside_feeds


def topics_of(service: Service, again: float = AGAIN_SECONDS) -> list[Check]:
    """The check of the registry's topics, where there are any."""
    kafka = kafka_settings(service.settings)
    if kafka is None or not service.settings.kafka_internal_feeds:
        return []
    topics = [
        FeedTopic(
            service.pool,
            kafka,
            internal_topic(feed, service.settings.kafka_topics),
            feed,
            form=Sealed(service.ring, KEYS[feed], feed, 0),
        )
        for feed in (CHANGES, CARE_FEED)
    ]
    return [Check("topics", (RECORD_LOST,), partial(beside_feeds, topics, again))]
