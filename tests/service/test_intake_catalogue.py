"""Every type of the catalogue through the front door: reported, repeated, corrected; schemes from the list only."""

import json
from copy import deepcopy
from typing import Any

import pytest

from shared.contracts.catalogue import TYPES, EventType
from shared.contracts.examples import example_of
from tests.exchange_world import Exchange, Json

pytest_plugins = ["tests.exchange"]


def reporter(event: Json) -> str:
    department: str = event["source"].split(":")[2]
    return department


def varied(name: str, **data: Any) -> Json:
    """The example of a type, with other data; None leaves a member out."""
    (entry,) = (entry for entry in TYPES if entry.name == name)
    event = deepcopy(example_of(entry))
    event["data"] = {key: value for key, value in {**event["data"], **data}.items() if value is not None}
    return event


async def pointers(exchange: Exchange, event: Json) -> list[str]:
    answer = await exchange.post(event, reporter(event))
    assert answer.status_code == 422, answer.text
    return [fault["pointer"] for fault in answer.json()["faults"]]


async def test_each_example_is_accepted_once_and_can_be_corrected_and_annulled(exchange: Exchange) -> None:
    for entry in TYPES:
        event = example_of(entry)
        assert (await exchange.post(event, reporter(event))).status_code == 202, entry.name
        assert (await exchange.post(event, reporter(event))).status_code == 200, entry.name
        told = {"source": event["source"], "id": event["id"]}
        for action in ("corrected", "annulled"):
            later = event | {"id": f"{event['id']}-{action}"}
            later["data"] = event["data"] | {"action": action, "supersedes": told}
            assert (await exchange.post(later, reporter(event))).status_code == 202, (entry.name, action)
    assert await exchange.accepted() == 3 * len(TYPES)


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.name)
async def test_each_type_is_its_reporters_only(exchange: Exchange, entry: EventType) -> None:
    stranger = "statistics" if "education" in entry.reporters else "education"
    assert (await exchange.post(example_of(entry), stranger)).status_code == 403


async def test_a_scheme_that_is_not_provisioned_for_its_kind_is_refused(exchange: Exchange) -> None:
    for name, scheme in (
        ("insurance.enrolled", "maternity"),
        ("insurance.enrolled", "childcare-subsidy"),
        ("entitlement.granted", "work-injury"),
    ):
        assert await pointers(exchange, varied(name, scheme=scheme)) == ["/data/scheme"]
    assert await exchange.accepted() == 0


async def test_a_dwelling_may_stand_empty_but_not_be_occupied_by_an_empty_list(exchange: Exchange) -> None:
    assert (await exchange.post(varied("dwelling.registered", occupants=None), "housing")).status_code == 202
    assert await pointers(exchange, varied("dwelling.registered", occupants=[])) == ["/data/occupants"]
    assert await pointers(exchange, varied("tenancy.registered", occupants=None)) == ["/data/occupants"]


async def test_one_identifier_is_one_occupant(exchange: Exchange) -> None:
    (occupant, *_) = varied("dwelling.registered")["data"]["occupants"]
    assert await pointers(exchange, varied("dwelling.registered", occupants=[occupant, occupant])) == [
        "/data/occupants"
    ]


@pytest.mark.parametrize("amount", ["0.00", "00.10", "1", "1.5", "1,000.00", "-1.00", "1e3", "12345678901.00", 3600.0])
async def test_an_amount_has_one_written_form(exchange: Exchange, amount: object) -> None:
    assert await pointers(exchange, varied("payment.made", amount=amount)) == ["/data/amount"]


async def test_a_period_does_not_end_before_it_begins(exchange: Exchange) -> None:
    backwards = {"from": "2026-02-01", "until": "2026-01-31"}
    assert await pointers(exchange, varied("payment.made", period=backwards)) == ["/data/period"]
    ours = {"since": "2026-02-01", "until": "2026-02-28"}
    assert set(await pointers(exchange, varied("payment.made", period=ours))) == {
        "/data/period/from",
        "/data/period/since",
    }


async def test_the_same_payment_in_another_order_of_bytes_is_the_same_content(exchange: Exchange) -> None:
    event = varied("payment.made")
    assert (await exchange.post(event, "finance")).status_code == 202
    turned = json.dumps({key: event[key] for key in reversed(event)}, indent=3).encode()
    assert (await exchange.post(turned, "finance")).status_code == 200
    assert (await exchange.post(varied("payment.made", amount="3600.01"), "finance")).status_code == 409


async def test_a_change_of_identity_has_one_number_before_and_one_after(exchange: Exchange) -> None:
    event = varied("identity.changed")
    number = {"type": "resident-identity-number", "value": "11010519491231002X"}
    becomes = event["data"]["becomes"] | {"identifiers": [number]}
    assert (await exchange.post(varied("identity.changed", becomes=becomes), "public-security")).status_code == 202
    two = event["data"]["person"] | {"identifiers": [*event["data"]["person"]["identifiers"], number]}
    assert await pointers(exchange, varied("identity.changed", person=two) | {"id": "b"}) == ["/data"]


async def test_the_end_of_a_marriage_names_two_people(exchange: Exchange) -> None:
    one, _ = varied("marriage.dissolved")["data"]["spouses"]
    assert await pointers(exchange, varied("marriage.dissolved", spouses=[one, one])) == ["/data"]
