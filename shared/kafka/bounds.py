"""Where the log of each partition of a topic begins and ends."""

import asyncio
from typing import NamedTuple

from shared.kafka.administering import DEADLINE_SECONDS
from shared.kafka.errors import Unreachable
from shared.kafka.settings import KafkaSettings
from shared.kafka.wire import Wire


class Bounds(NamedTuple):
    """The first offset that the log still has, and the one after its last record."""

    start: int
    end: int


async def bounds_of(settings: KafkaSettings, topic: str) -> dict[int, Bounds]:
    """By partition. Raises Unreachable, also where there is no such topic."""
    wire = Wire(settings, topic)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return {
                partition: Bounds(await wire.earliest(partition), await wire.latest(partition))
                for partition in await wire.partitions()
            }
    except TimeoutError as error:
        raise Unreachable(f"no answer within {DEADLINE_SECONDS:.0f} s") from error
    finally:
        await wire.drop()
