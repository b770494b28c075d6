"""What others do to our topics with clients of their own: aiokafka's producer and admin client, set as they like."""

from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from shared.kafka.settings import KafkaSettings


async def commit_transaction(settings: KafkaSettings, topic: str, values: list[bytes], compression: str) -> None:
    producer = await _producer(settings, compression)
    try:
        async with producer.transaction():
            await _send(producer, topic, values)
    finally:
        await producer.stop()


async def abort_transaction(settings: KafkaSettings, topic: str, values: list[bytes]) -> None:
    producer = await _producer(settings, "gzip")
    try:
        await producer.begin_transaction()
        await _send(producer, topic, values)
        await producer.abort_transaction()
    finally:
        await producer.stop()


async def cut_beginning(settings: KafkaSettings, topic: str, first_kept: int) -> None:
    """Delete what lies before an offset, as retention does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(first_kept)})
    finally:
        await admin.close()


async def _producer(settings: KafkaSettings, compression: str) -> Any:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap, transactional_id=str(uuid4()), compression_type=compression
    )
    await producer.start()
    return producer


async def _send(producer: Any, topic: str, values: list[bytes]) -> None:
    for value in values:
        await producer.send_and_wait(topic, value, partition=0)
