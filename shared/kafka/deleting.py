"""Deleting what a topic holds: what may no longer be read must not be read there, either."""

from typing import Final

from aiokafka.admin import RecordsToDelete
from aiokafka.structs import TopicPartition

from shared.kafka.administering import administering
from shared.kafka.calls import whole
from shared.kafka.settings import KafkaSettings

ALL_THERE_ARE: Final = -1  # up to the high watermark, says the protocol


async def delete_records(settings: KafkaSettings, topic: str, partition: int = 0) -> None:
    """Delete all records of a partition; offsets go on where they were. Raises Unreachable, also without the right."""
    async with administering(settings) as admin:
        await whole(admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(ALL_THERE_ARE)}))
