"""Topics that are to stand: created where they are missing, looked after while there is trouble."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import structlog

from shared.kafka.errors import TopicMismatch, Unreachable
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, ensure_topics

AGAIN_SECONDS: Final = 2.0

log = structlog.get_logger()


class StandingTopics:
    """Creates its topics again when a broker was wiped; one object for all readers and relays of a process, so that
    twenty topics are asked for in one call. Never in the way: where Tenfold may not create topics, someone else has,
    and reading or sending will tell."""

    def __init__(self, settings: KafkaSettings, topics: Sequence[Topic]) -> None:
        self._settings, self._topics = settings, topics
        self._asked: float | None = None
        self._turn = asyncio.Lock()

    async def ensure(self) -> None:
        """Create the topics that are missing; asks the broker at most every AGAIN_SECONDS, whoever calls."""
        async with self._turn:
            if self._asked is not None and time.monotonic() - self._asked < AGAIN_SECONDS:
                return
            try:
                await ensure_topics(self._settings, self._topics)
            except Unreachable as trouble:
                log.warning("kafka_topics_not_ensured", trouble=str(trouble))
            except TopicMismatch as fault:
                log.error("kafka_topic_unsuitable", fault=str(fault))
            finally:
                self._asked = time.monotonic()
