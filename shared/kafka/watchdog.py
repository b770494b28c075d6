"""An alarm for a reader or relay that stands still: Kafka itself gives no such signal."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final, Protocol

import structlog

PATIENCE_SECONDS: Final = 60.0
LOOK_EVERY: Final = 10.0

log = structlog.get_logger()


class Watched(Protocol):
    """Work on one topic."""

    topic: str
    progress: float
    """`time.monotonic()` of the last time that something was done, or that there was verifiably nothing to do."""

    @property
    def behind(self) -> int:
        """How much is known to wait."""
        ...

    @property
    def problem(self) -> str | None:
        """Why nothing is done, as far as known."""
        ...


async def watch(all_watched: Sequence[Watched], patience: float = PATIENCE_SECONDS, every: float = LOOK_EVERY) -> None:
    """Until cancelled, log an alarm for each that stood still for `patience` seconds, again and again while it does."""
    told: dict[str, float] = {}
    while True:
        now = time.monotonic()
        for watched in all_watched:
            still = now - watched.progress
            if still < patience:
                if told.pop(watched.topic, None) is not None:
                    log.warning("kafka_goes_on", topic=watched.topic)
            elif now - told.get(watched.topic, 0.0) >= patience:
                told[watched.topic] = now
                log.error(
                    "kafka_stands_still",
                    topic=watched.topic,
                    seconds=round(still),
                    behind=watched.behind,
                    problem=watched.problem,
                )
        await asyncio.sleep(every)
