"""A topic that is to stand: created where it is missing, looked after while there is trouble."""

import time
from typing import Final

import structlog

from shared.kafka.errors import TopicMismatch, Unreachable
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, ensure_topics

AGAIN_SECONDS: Final = 2.0

log = structlog.get_logger()


class StandingTopic:
    """Creates its topic again when a broker was wiped. Never in the way: where Tenfold may not create topics, someone
    else has, and reading or sending will tell."""

    def __init__(self, settings: KafkaSettings, topic: Topic) -> None:
        self._settings, self._topic = settings, topic
        self._asked: float | None = None

    async def ensure(self) -> None:
        """Create the topic if it is missing; asks the broker at most every AGAIN_SECONDS."""
        if self._asked is not None and time.monotonic() - self._asked < AGAIN_SECONDS:
            return
        try:
            await ensure_topics(self._settings, [self._topic])
        except Unreachable as trouble:
            log.warning("kafka_topic_not_ensured", topic=self._topic.name, trouble=str(trouble))
        except TopicMismatch as fault:
            log.error("kafka_topic_unsuitable", topic=self._topic.name, fault=str(fault))
        finally:
            self._asked = time.monotonic()
