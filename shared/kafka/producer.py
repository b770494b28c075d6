"""Sending to topics, with a deadline round everything.

aiokafka's own producer, set to lose and repeat nothing, never gives up on a broker that is gone, and cannot be ended
while it waits. So batches go out over plain requests: the next only when the one before is acknowledged.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from shared.kafka.encode import batches, partition_of
from shared.kafka.errors import Undeliverable, Undelivered, Unreachable
from shared.kafka.settings import KafkaSettings
from shared.kafka.values import Message, Sent
from shared.kafka.wire import Refused, Wire

DEADLINE_SECONDS: Final = 10.0
PAUSE_SECONDS: Final = 0.25


class TopicProducer:
    """Sends messages and says where they lie. After a failure the next call connects afresh, so a caller just retries.

    Calls for one topic wait for each other. Messages to one partition arrive in order and without a hole: if not all
    arrived, those that did are a beginning of the list. Nothing is sent in the background after a call has ended.
    """

    def __init__(self, settings: KafkaSettings, deadline: float = DEADLINE_SECONDS) -> None:
        self._settings = settings
        self._deadline = deadline
        self._wires: dict[str, Wire] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connections. Call it when no `send` is under way; everything acknowledged has been sent."""
        wires, self._wires = self._wires, {}
        await asyncio.gather(*(wire.drop() for wire in wires.values()))

    async def leave(self, topic: str) -> None:
        """End the connection for a topic to which nothing more is sent for now."""
        async with self._turns.setdefault(topic, asyncio.Lock()):
            wire = self._wires.pop(topic, None)
            if wire is not None:
                await wire.drop()

    async def send(self, topic: str, messages: Sequence[Message], partition: int | None = 0) -> list[Sent]:
        """Send the messages in order and return when all in-sync replicas have acknowledged every one.

        `partition` None chooses by key, as Kafka's own clients do. Raises Undelivered at the latest `deadline` seconds
        after the turn of this call came, and Undeliverable when repeating cannot help.
        """
        async with self._turns.setdefault(topic, asyncio.Lock()):
            wire = self._wires.setdefault(topic, Wire(self._settings, topic))
            try:
                async with asyncio.timeout(self._deadline):
                    return await _sent(wire, messages, partition)
            except Refused as error:
                raise Undeliverable(str(error)) from error
            except (Unreachable, TimeoutError) as error:
                await wire.drop()
                await asyncio.sleep(PAUSE_SECONDS)  # callers try again at once, and a refused connection costs no time
                raise Undelivered(str(error) or f"not acknowledged within {self._deadline:g} s") from error
            except BaseException:
                # Cancelled in the middle: an answer still to come must not meet the next call.
                await wire.drop()
                raise


async def _sent(wire: Wire, messages: Sequence[Message], partition: int | None) -> list[Sent]:
    known = await wire.partitions()
    if partition is not None and partition not in known:
        raise Refused(f"there is no partition {partition}")
    placed: dict[int, Sent] = {}
    for chosen, wanted in _by_partition(messages, known, partition).items():
        for batch in batches([messages[index] for index in wanted]):
            first = await wire.produce(chosen, batch.content)
            for place, index in enumerate(wanted[batch.first : batch.first + batch.count]):
                placed[index] = Sent(chosen, first + place)
    return [placed[index] for index in range(len(messages))]


def _by_partition(messages: Sequence[Message], known: list[int], partition: int | None) -> dict[int, list[int]]:
    """The indexes of the messages for each partition, in order."""
    chosen: dict[int, list[int]] = {}
    for index, message in enumerate(messages):
        chosen.setdefault(partition_of(message.key, known) if partition is None else partition, []).append(index)
    return chosen
