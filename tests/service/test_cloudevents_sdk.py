"""The CNCF CloudEvents SDK as a reporter: what it sends is accepted as it is; what it sends malformed is refused."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from tests.exchange_world import Exchange, registration

pytest_plugins = ["tests.exchange"]


def made(id_: str = "sdk-1", data: Any = None, **attributes: Any) -> CloudEvent:
    """The SDK's event; its time is an instant of its own type."""
    event = registration(id_)
    given = {name: value for name, value in event.items() if name != "data"}
    given["time"] = datetime(2026, 2, 1, 8, tzinfo=UTC)
    given = {name: value for name, value in (given | attributes).items() if value is not None}
    return CloudEvent(given, event["data"] if data is None else data)


async def send(exchange: Exchange, message: HTTPMessage) -> httpx.Response:
    """Post what the SDK made, without touching it."""
    return await exchange.http.post("/v1/events", content=message.body, headers=exchange.headers() | message.headers)


async def test_structured_and_binary_events_of_the_sdk_are_accepted_and_are_the_same(exchange: Exchange) -> None:
    structured = await send(exchange, to_structured_event(made()))
    binary = await send(exchange, to_binary_event(made()))
    by_hand = await exchange.post(registration("sdk-1"))
    assert [structured.status_code, binary.status_code, by_hand.status_code] == [202, 200, 200], binary.text
    assert structured.json()["receipt"] == binary.json()["receipt"] == by_hand.json()["receipt"]
    assert await exchange.accepted() == 1


async def test_a_subject_in_chinese_survives_the_binary_mode(exchange: Exchange) -> None:
    binary = await send(exchange, to_binary_event(made(subject="档案 1%")))
    structured = await send(exchange, to_structured_event(made(subject="档案 1%")))
    assert (binary.status_code, structured.status_code) == (202, 200)


async def test_what_the_sdk_sends_malformed_is_refused(exchange: Exchange, subtests: pytest.Subtests) -> None:
    wrong = {
        "no subject": made(subject=None),
        "empty data": made(data={}),
        "data is text": made(data="text"),
        "data is a list": made(data=[1, 2]),
        "data is bytes": made(data=b"\xff\x00"),
        "another type": made(type="com.example.thing"),
        "an extension": made(partitionkey="x"),
        "text/plain": made(datacontenttype="text/plain", data="x"),
        "no content type": made(datacontenttype=None),
        "an unknown field": made(data=registration("x")["data"] | {"note": "x"}),
    }
    for name, event in wrong.items():
        for make in (to_structured_event, to_binary_event):
            if name == "no content type" and make is to_structured_event:
                continue  # optional there: application/json is the default
            with subtests.test(name, mode=make.__name__):
                answer = await send(exchange, make(event))
                assert 400 <= answer.status_code < 500, answer.text
    assert await exchange.accepted() == 0
