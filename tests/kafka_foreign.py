"""What others do to our topics with clients of their own: aiokafka's producer and admin client, set as they like."""

from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.structs import TopicPartition

from shared.kafka.settings import KafkaSettings
from shared.kafka.wire import Wire


class _NotText(str):
    """A header name whose bytes are no UTF-8."""

    def encode(self, encoding: str = "", errors: str = "") -> bytes:
        return b"\xff\xfe"


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


async def send_with_broken_header_name(
    settings: KafkaSettings, topic: str, values: list[bytes], compression: str | None
) -> None:
    """Send records whose first header's name is no UTF-8, as clients without text types can."""
    codec = [None, "gzip", "snappy", "lz4", "zstd"].index(compression)
    builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, -1, 1 << 20)
    for number, value in enumerate(values):
        builder.append(number, None, None, value, [(_NotText(), b"content"), ("ce_id", None)])
    wire = Wire(settings, topic)
    try:
        await wire.produce(0, bytes(builder.build()))
    finally:
        await wire.drop()


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


async def limit_messages(settings: KafkaSettings, topic: str, largest: int) -> None:
    """Set the topic's limit of bytes for a batch, as an operator may at any time."""
    await configure(settings, topic, "max.message.bytes", str(largest))


async def configure(settings: KafkaSettings, topic: str, name: str, value: str) -> None:
    """Set a topic's configuration; what else was set of it is gone."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {name: value})])
    finally:
        await admin.close()


async def send_null(settings: KafkaSettings, topic: str, key: bytes) -> int:
    """Send a record without a value; returns its offset."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap)
    await producer.start()
    try:
        return int((await producer.send_and_wait(topic, None, key=key)).offset)
    finally:
        await producer.stop()
