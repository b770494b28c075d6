"""What needs no broker: which mode a record is in, what a refusal says, and what production refuses."""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.exchange.intake.kafka_refusals import MOST_FAULTS, Refusal, entry_id_of, entry_of
from services.exchange.intake.kafka_transport import message_of
from shared.errors import Fault, Invalid, Problem
from shared.feed.values import Cursor, Entry
from shared.kafka.connecting import ListenerRefused, kafka_settings, state_of
from shared.kafka.feed_records import message_of as published_message
from shared.kafka.feed_records import published, stub_of
from shared.kafka.values import Headers, Message, Record
from shared.kafka.watchdog import watch
from shared.settings import Settings
from tests.line import until

EPOCH = UUID(int=7)
NOW = datetime(2026, 1, 31, tzinfo=UTC)
EVENT = b'{"specversion":"1.0","id":"1"}'
STRUCTURED: Headers = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
BINARY: Headers = (("ce_specversion", b"1.0"), ("ce_id", "号1".encode()))


def record(value: bytes | None, headers: Headers = (), offset: int = 3) -> Record:
    return Record(0, offset, 1000, b"a key", value, headers)


def read_back(message: Message) -> Record:
    return Record(0, 0, 0, message.key, message.value, message.headers)


@pytest.mark.parametrize("headers", [(), STRUCTURED, (("content-type", b"application/json"),), (("other", b"\xff"),)])
def test_a_record_without_attribute_headers_is_read_as_structured(headers: Headers) -> None:
    assert message_of(record(EVENT, headers)) == {"specversion": "1.0", "id": "1"}


@pytest.mark.parametrize("more", [(), (("content-type", b"application/json"),), (("ce_empty", None),)])
def test_attributes_of_the_binary_mode_are_utf_8_and_not_percent_encoded(more: Headers) -> None:
    assert message_of(record(b'{"a":1}', BINARY + more)) == {"specversion": "1.0", "id": "号1", "data": {"a": 1}}


def test_the_structured_mode_ignores_attribute_headers() -> None:
    assert message_of(record(EVENT, STRUCTURED + BINARY)) == {"specversion": "1.0", "id": "1"}


@pytest.mark.parametrize(
    ("value", "headers", "slug", "pointer"),
    [
        (None, (), "invalid", ""),
        (b"\xff", (), "invalid", ""),
        (b"1" * 300_000, (), "too-large", None),
        (b"{}", (("content-type", b"application/avro"),), "unsupported-media-type", None),
        (b"{}", (("content-type", b"application/json; charset=gb18030"),), "unsupported-media-type", None),
        (b"{}", (*BINARY, ("ce_id", b"2")), "invalid", "ce_id"),
        (b"{}", (*BINARY, ("ce_subject", b"\xff")), "invalid", "ce_subject"),
        (b"{}", (*BINARY, ("ce_data", b"1")), "invalid", "/data"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    value: bytes | None, headers: Headers, slug: str, pointer: str | None
) -> None:
    with pytest.raises(Problem) as refused:
        message_of(record(value, headers))
    assert refused.value.slug == slug
    assert [fault.pointer for fault in refused.value.faults] == ([] if pointer is None else [pointer])


def test_a_refusal_names_the_record_and_no_content_and_is_bounded() -> None:
    faults = [Fault("/" + "x" * 1000 + str(number), "is wrong") for number in range(MOST_FAULTS + 5)]
    entry = entry_of("topic", Refusal(record(b"secret"), Invalid(faults=faults), unread=True), NOW)
    told: dict[str, Any] = json.loads(entry.body)
    assert (told["id"], told["subject"]) == (str(entry.entry_id), "topic/0/3")
    assert {name: told["data"][name] for name in ("topic", "partition", "offset")} == {
        "topic": "topic",
        "partition": 0,
        "offset": 3,
    }
    assert told["data"]["problem"]["faults_in_all"] == MOST_FAULTS + 5
    assert len(entry.body) < 40_000
    assert b"secret" not in entry.body
    assert b"a key" not in entry.body


def test_the_same_record_has_the_same_entry_and_one_of_another_log_has_not() -> None:
    assert entry_id_of("topic", record(b"1")) == entry_id_of("topic", record(b"1", BINARY))
    ids = {entry_id_of("topic", record(b"1")), entry_id_of("topic", record(b"2")), entry_id_of("other", record(b"1"))}
    assert len({*ids, entry_id_of("topic", record(b"1", offset=4))}) == 4


def test_entries_withheld_ones_and_stubs_are_read_back_as_they_were_published() -> None:
    body = json.dumps({"id": str(UUID(int=9))}).encode()
    entry = published(read_back(published_message(EPOCH, Entry(5, UUID(int=9), NOW, body))))
    withheld = published(read_back(published_message(EPOCH, Entry(6, UUID(int=10), NOW, None))))
    stub = published(read_back(stub_of(EPOCH, 7)))
    assert entry is not None and withheld is not None and stub is not None  # noqa: PT018
    assert [each.at for each in (entry, withheld, stub)] == [Cursor(EPOCH, place) for place in (5, 6, 7)]
    assert (entry.entry and bytes(entry.entry.data), entry.entry and entry.entry.id) == (body, UUID(int=9))
    assert withheld.entry is not None
    assert withheld.entry.withheld
    assert stub.entry is None


@pytest.mark.parametrize(
    "headers", [(), (("epoch", b"x"), ("position", b"1")), (("epoch", str(EPOCH).encode()), ("position", b"-1"))]
)
def test_what_a_relay_did_not_write_is_nothing(headers: Headers) -> None:
    assert published(record(b"{}", headers)) is None


def settings(**told: Any) -> Settings:
    return Settings(database_url="", keys_file=Path(), jwks_file=Path(), **told)


def test_without_an_address_there_is_no_broker() -> None:
    assert kafka_settings(settings(environment="production")) is None


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"kafka_tls": True},
        {"kafka_user": "tenfold", "kafka_password": SecretStr("known")},
    ],
)
def test_production_refuses_a_listener_that_is_not_encrypted_and_authenticated(told: dict[str, Any]) -> None:
    assert kafka_settings(settings(kafka_bootstrap="broker:9092", **told)) is not None
    with pytest.raises(ListenerRefused, match="in production"):
        kafka_settings(settings(kafka_bootstrap="broker:9092", environment="production", **told))


def test_production_takes_a_listener_with_tls_and_a_user() -> None:
    told = {"kafka_tls": True, "kafka_user": "tenfold", "kafka_password": SecretStr("known")}
    kafka = kafka_settings(settings(kafka_bootstrap="broker:9093", environment="production", **told))
    assert kafka is not None
    assert (kafka.connection()["security_protocol"], kafka.connection()["sasl_mechanism"]) == (
        "SASL_SSL",
        "SCRAM-SHA-512",
    )
    assert "known" not in repr(kafka)


def test_a_user_without_a_password_is_refused() -> None:
    with pytest.raises(ListenerRefused):
        kafka_settings(settings(kafka_bootstrap="broker:9092", kafka_user="tenfold"))


async def test_an_address_that_nobody_listens_on_is_unreachable() -> None:
    assert await state_of("127.0.0.1:1,not-an-address") == "unreachable"


@dataclass
class Still:
    topic: str
    progress: float
    behind: int = 4
    problem: str | None = "no answer"


async def test_the_watchdog_alarms_for_what_stands_still_and_says_when_it_goes_on() -> None:
    still, moving = Still("still", time.monotonic() - 100), Still("moving", time.monotonic() + 100)
    with capture_logs() as logs:
        watching = asyncio.create_task(watch([still, moving], patience=60, every=0.001))
        await until(lambda: len(logs) >= 1, "an alarm")
        still.progress = time.monotonic()
        await until(lambda: len(logs) >= 2, "the end of it")
        watching.cancel()
    assert [(each["event"], each["topic"], each["log_level"]) for each in logs] == [
        ("kafka_stands_still", "still", "error"),
        ("kafka_goes_on", "still", "warning"),
    ]
    assert (logs[0]["behind"], logs[0]["problem"], logs[0]["seconds"] >= 100) == (4, "no answer", True)
