"""A held event tried again: from the department's call to the fold, once, whatever else goes on."""

import asyncio
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from services.registry.facts.page import AMBIGUOUS, NOT_ARRIVED
from services.registry.sharing.handlers import Sharing
from shared.db import transaction
from shared.feed.follow import Again, FeedEntry
from tests.departments_world import Line
from tests.histories import household, number, person
from tests.registry_world import CloudEvent, RegistryWorld, receipt_of, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

SECURITY = "public-security"
SOMEBODY_ELSE = {"identifiers": [number(1)], "name": "Zhao Yun", "sex": "female", "birth_date": "1971-03-04"}


def registered(id_: str, who: Any, **more: Any) -> CloudEvent:
    return says("household.registered", id_, {"person": who, **household()}, "2024-02-20", **more)


FIRST = registered("h1", person(1, "Li Wei"))
SECOND = registered("h2", SOMEBODY_ELSE)  # the same number beside another name and birth date: a clerk must look
UNSAID = registered("h3", person(9, "Li Wei"), action="annulled", of="h1", minute=1)  # does not say that number again


def asking(*events: CloudEvent) -> list[FeedEntry]:
    """Entries of `sharing` that ask to look at these again."""
    bodies = [msgspec.json.encode({"kind": "retry", "receipt": receipt_of(event)}) for event in events]
    return [FeedEntry(place, uuid4(), data=msgspec.Raw(body)) for place, body in enumerate(bodies, 1)]


async def told(registry: RegistryWorld, entries: list[FeedEntry]) -> None:
    """Handle entries of `sharing` as the follower does but for its cursor."""
    while True:
        try:
            async with transaction(registry.service.pool) as connection:
                return await Sharing(registry.folding).handle(connection, entries)
        except Again:
            continue


async def held(registry: RegistryWorld) -> None:
    """The second event is held, and what made it ambiguous is annulled without naming any of its identifiers: nothing
    looks at it again by itself."""
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    await registry.apply(UNSAID)
    assert await registry.outcomes(SECOND) == [("held", AMBIGUOUS)]


async def test_a_held_event_that_can_be_applied_by_now_is_applied_and_told(registry: RegistryWorld) -> None:
    await held(registry)
    await told(registry, asking(SECOND))
    assert await registry.outcomes(SECOND) == [("held", AMBIGUOUS), ("applied", None)]
    assert await registry.count("held_event") == 0
    assert (await registry.named("Zhao Yun")).registered_area is not None


async def test_what_must_be_held_still_keeps_its_day_and_nothing_is_told(registry: RegistryWorld) -> None:
    waiting = registered("h9", person(4, "Sun Li"), action="corrected", of="h8", minute=1)
    await registry.apply(FIRST, SECOND, waiting)
    stood = await registry.service.pool.fetch("SELECT receipt, reason, due, held_at FROM held_event ORDER BY receipt")
    before = await registry.told()
    await told(registry, asking(SECOND, waiting))
    assert await registry.told() == before
    assert stood == await registry.service.pool.fetch(
        "SELECT receipt, reason, due, held_at FROM held_event ORDER BY receipt"
    )
    assert {row["reason"] for row in stood} == {AMBIGUOUS, NOT_ARRIVED}


async def test_what_was_applied_rejected_or_never_held_is_passed(registry: RegistryWorld) -> None:
    await held(registry)
    await registry.service.pool.execute("UPDATE held_event SET rejected_at = clock_timestamp(), body = ''")
    before, facts = await registry.told(), await registry.count("fact")
    await told(registry, asking(FIRST, SECOND, registered("never", person(7))))
    assert (await registry.told(), await registry.count("fact")) == (before, facts)


async def test_sixteen_retries_beside_the_same_event_once_more_have_one_effect(registry: RegistryWorld) -> None:
    await held(registry)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(16):
            tasks.create_task(told(registry, asking(SECOND)))
        for _ in range(4):
            tasks.create_task(registry.apply(SECOND))
    assert await registry.outcomes(SECOND) == [("held", AMBIGUOUS), ("applied", None)]
    facts = await registry.service.pool.fetchval("SELECT count(*) FROM fact WHERE receipt = $1", receipt_of(SECOND))
    assert (facts, await registry.count("held_event"), await registry.count("parked")) == (1, 0, 0)


@pytest.mark.parametrize("role", ["reporter", "clerk"])
async def test_the_department_asks_by_one_call_and_reads_the_answer_on_its_receipt(line: Line, role: str) -> None:
    for event in (FIRST, SECOND, UNSAID):
        await line.report(event)
    headers = line.exchange.headers(SECURITY, roles=(role,))
    (waiting,) = (await line.exchange.http.get("/v1/receipts?status=held", headers=headers)).json()["receipts"]
    assert (waiting["reason"], waiting["decider"], bool(waiting["due"])) == (AMBIGUOUS, "registry clerk", True)
    asked = await line.exchange.http.post(f"/v1/receipts/{waiting['receipt']}/retry", headers=headers)
    assert asked.status_code == 202
    await line.rest()
    found = (await line.exchange.http.get(f"/v1/receipts/{waiting['receipt']}", headers=headers)).json()
    assert (found["status"], found["reason"], found["due"]) == ("applied", None, None)
    told_of_it = [
        each["data"]["status"]
        for each in await line.feed(SECURITY, "receipt.changed")
        if each["subject"] == waiting["receipt"]
    ]
    assert told_of_it == ["held", "applied"]
    again = await line.exchange.http.post(f"/v1/receipts/{waiting['receipt']}/retry", headers=headers)
    assert (again.status_code, again.json()["standing"]) == (409, "applied")
