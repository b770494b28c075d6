"""The exchange alone comes back from a backup: reporters repeat, and each new receipt is told what became of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from services.registry.facts.deadlines import reject_overdue
from services.registry.facts.handlers import HELD_FOR
from services.registry.facts.page import NOT_ARRIVED
from shared import clock
from shared.auth.issuer import Issuer
from shared.feed.follow import FeedEntry
from tests.conftest import Database
from tests.departments_world import Line, lined_up
from tests.exchange_world import Exchange, running, settings_for
from tests.histories import birth, certificate, household, number, person
from tests.registry_world import CloudEvent, RegistryWorld, entry_of, receipt_of, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

HEALTH, SECURITY = "health", "public-security"
BABY = {"identifiers": [number(5), certificate("C1")], "name": "Wang An", "sex": "female", "birth_date": "2024-02-01"}
BORN = says("birth.certified", "b1", birth(person(2, "Wang Fang"), cert="C1"), "2024-02-01")
REGISTERED = says("household.registered", "h1", {"person": BABY, **household()}, "2024-02-20")
CORRECTED = says(
    "household.registered", "h2", {"person": BABY | {"name": "Wang Yi"}, **household()}, "2024-02-20",
    action="corrected", of="h1", minute=1,
)  # fmt: skip


def again(event: CloudEvent, receipt: UUID) -> FeedEntry:
    """The same event as an exchange tells it that had forgotten it and took it once more."""
    return msgspec.structs.replace(entry_of(event), id=receipt)


async def outcomes(registry: RegistryWorld, receipt: UUID) -> list[tuple[str, str | None]]:
    """What was told of a receipt, in order."""
    told = await registry.told(kind="outcome")
    return [(each["status"], each["reason"]) for each in told if each["receipt"] == str(receipt)]


async def test_a_known_event_under_a_new_receipt_is_told_as_applied_and_changes_nothing(
    registry: RegistryWorld,
) -> None:
    await registry.apply(BORN)
    people, care = await registry.people(), await registry.told("care")
    receipt = uuid4()
    await registry.handle([again(BORN, receipt)])
    assert await outcomes(registry, receipt) == [("applied", None)]
    assert await outcomes(registry, receipt_of(BORN)) == [("applied", None)], "the first one is not told again"
    assert await registry.people() == people
    assert await registry.told("care") == care
    again_told = (await registry.told(kind="person"))[2:]
    assert [each["changed"] for each in again_told] == [[], []], "only whoever opens a case now hears of the two"
    assert await registry.count("vital_event") == 1


async def test_every_new_receipt_is_settled_and_the_same_one_is_told_once(registry: RegistryWorld) -> None:
    first, second = uuid4(), uuid4()
    await registry.handle([again(BORN, first), again(BORN, second)])
    assert [await outcomes(registry, receipt) for receipt in (first, second)] == [[("applied", None)]] * 2
    told = await registry.told()
    await registry.handle([again(BORN, first)])
    assert await registry.told() == told, "the receipt under which it was applied is known"


async def test_what_was_held_is_held_under_the_new_receipt_too_and_both_are_applied(registry: RegistryWorld) -> None:
    await registry.apply(CORRECTED)
    receipt = uuid4()
    await registry.handle([again(CORRECTED, receipt)])
    assert await outcomes(registry, receipt) == [("held", NOT_ARRIVED)]
    await registry.apply(REGISTERED)
    for each in (receipt_of(CORRECTED), receipt):
        assert await outcomes(registry, each) == [("held", NOT_ARRIVED), ("applied", None)]
    assert await registry.count("held_event") == 0
    with clock.frozen(clock.now() + HELD_FOR + timedelta(days=1)):
        assert await reject_overdue(registry.service.pool, registry.service.feeds) == 0


@pytest.fixture
async def restored(
    line: Line, database: Database, registry: RegistryWorld, issuer: Issuer, tmp_path: Path
) -> AsyncIterator[Line]:
    """The line with another exchange: an empty backup, the same keys. What departments had reported is forgotten."""
    await line.report(BORN, REGISTERED)
    async with (
        running(settings_for(await database("exchange"), tmp_path, issuer), issuer) as exchange,
        lined_up(exchange, registry, issuer) as world,
    ):
        yield world


async def follow(line: Line) -> None:
    """Until nothing is left; what is parked stays parked."""
    while sum([await follower.step() for follower in [*line.folding, line.distributing]]):
        pass


async def receipts(exchange: Exchange, department: str) -> list[tuple[str, str]]:
    """(id of the event, where it stands) for all receipts of a department."""
    answer = await exchange.http.get("/v1/receipts", headers=exchange.headers(department))
    return [(each["id"], each["status"]) for each in answer.json()["receipts"]]


async def test_events_reported_once_more_to_a_restored_exchange_all_settle(restored: Line) -> None:
    await follow(restored)
    assert await receipts(restored.exchange, HEALTH) == []
    for event, department in ((BORN, HEALTH), (REGISTERED, SECURITY)):
        answer = await restored.exchange.post(event, department)
        assert answer.status_code == 202, "forgotten, so it is new"
    await follow(restored)
    assert await receipts(restored.exchange, HEALTH) == [("b1", "applied")]
    assert await receipts(restored.exchange, SECURITY) == [("h1", "applied")]
    (outcome,) = await restored.feed(HEALTH, "receipt.changed")
    assert outcome["data"]["status"] == "applied"


async def test_the_cases_that_were_lost_open_again_and_their_people_are_told(line: Line, restored: Line) -> None:
    before = {department: await line.feed(department, "person.changed") for department in (HEALTH, SECURITY)}
    await restored.exchange.post(BORN, HEALTH)
    await restored.exchange.post(REGISTERED, SECURITY)
    await follow(restored)
    for department, told in before.items():
        known: dict[str, dict[str, object]] = {}
        for each in told:
            known.setdefault(each["subject"], {}).update(each["data"]["changed"])
        now = await restored.feed(department, "person.changed")
        assert {each["subject"]: each["data"]["changed"] for each in now} == known, department
