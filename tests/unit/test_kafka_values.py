"""Records, positions and batches, without a broker."""

import logging

from aiokafka.record.memory_records import MemoryRecords

from shared.kafka.encode import BATCH_BYTES, batches, partition_of
from shared.kafka.settings import KafkaSettings
from shared.kafka.values import FINGERPRINT_BYTES, Batch, Message, Record


def record(offset: int = 0, partition: int = 0, timestamp: int = 1, value: bytes | None = b"v") -> Record:
    return Record(partition, offset, timestamp, b"key-secret", value, (("name", b"header-secret"), ("none", None)))


def test_the_fingerprint_tells_records_apart_by_time_and_value() -> None:
    others = [record(timestamp=2), record(value=b"w"), record(value=b""), record(value=None)]
    prints = {record().fingerprint, *(other.fingerprint for other in others)}
    assert len(prints) == 5
    assert {len(one) for one in prints} == {FINGERPRINT_BYTES}


def test_a_repeated_record_at_another_offset_is_another_position() -> None:
    assert record(1).fingerprint == record(2).fingerprint
    assert record(1).position != record(2).position


def test_no_text_form_shows_what_a_record_or_message_carries() -> None:
    shown = repr(record(value=b"value-secret")) + repr(Batch([record(value=b"value-secret")]))
    shown += repr(Message(b"value-secret", b"key-secret", (("name", b"header-secret"),)))
    shown += repr(KafkaSettings("broker:9092", user="tenfold", password="password-secret"))
    assert "secret" not in shown


def test_requests_are_never_logged_because_they_carry_records() -> None:
    assert not logging.getLogger("aiokafka.conn").isEnabledFor(logging.DEBUG)


def test_a_batch_names_the_last_position_of_each_partition() -> None:
    batch = Batch([record(4, 0), record(9, 1), record(5, 0)])
    assert batch.positions() == {0: record(5, 0).position, 1: record(9, 1).position}
    assert Batch().positions() == {}


def test_the_last_header_of_a_name_counts() -> None:
    twice = Record(0, 0, 1, None, b"", (("epoch", b"old"), ("epoch", b"new"), ("none", None)))
    assert (twice.header("epoch"), twice.header("none"), twice.header("unknown")) == (b"new", None, None)


def test_keys_choose_the_partition_that_every_kafka_client_chooses() -> None:
    """Values from org.apache.kafka.common.utils.UtilsTest.testMurmur2, modulo 1000 after clearing the sign."""
    known = {b"21": -973932308, b"foobar": -790332482, b"abc": 479470107}
    for key, murmur2 in known.items():
        assert partition_of(key, range(1000)) == (murmur2 & 0x7FFFFFFF) % 1000


def test_messages_are_cut_into_batches_without_loss_or_change_of_order() -> None:
    messages = [Message(bytes([n % 256]) * 40_000) for n in range(50)] + [
        Message(b"x" * (3 * BATCH_BYTES)),
        Message(b"end"),
    ]
    found = list(batches(messages))
    assert [batch.first for batch in found] == [sum(b.count for b in found[:place]) for place in range(len(found))]
    values = [one.value for batch in found for part in [MemoryRecords(batch.content)] for one in part.next_batch()]
    assert values == [message.value for message in messages]
    assert list(batches([])) == []


def test_a_listener_without_encryption_is_not_taken_for_authenticated() -> None:
    assert not KafkaSettings("broker:9092", user="tenfold", password="known").authenticated
