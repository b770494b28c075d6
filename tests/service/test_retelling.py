"""What happened while an agreement was suspended, or granted less, reaches its receiver when it comes into force."""

import asyncio
from time import monotonic

import pytest

from services.registry.facts.told import CHANGES
from services.registry.retelling import handlers, repository
from shared import clock
from shared.db import transaction
from shared.feed import heads
from tests.agreements_world import Hands
from tests.departments_world import Json, Line
from tests.histories import OTHER_TOWN, household, number, person
from tests.registry_world import CloudEvent, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

HOUSING, HEALTH, SECURITY = "housing", "health", "public-security"
RENTAL, VACCINATION = "housing-public-rental", "health-child-vaccination"
REGISTER, OWN = "public-security-register", "public-security-own-people"
WHO = person(1, "Li Wei")
SETTLED = says("household.registered", "h1", {"person": WHO, **household()}, "2024-01-10")


def died(id_: str, who: Json = WHO) -> CloudEvent:
    return says("death.certified", id_, {"person": who, "certificate_number": id_}, "2024-05-01", department=HEALTH)


WAITS = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())"


async def heard(line: Line, department: str) -> list[Json]:
    """What a department was told of people, in order."""
    return [each["data"]["changed"] for each in await line.feed(department, "person.changed")]


async def held(line: Line, department: str) -> list[Json]:
    """What its snapshot gives."""
    answer = await line.exchange.http.get("/v1/snapshot", headers=line.exchange.headers(department))
    return [each["fields"] for each in answer.json()["people"]]


async def case_of_housing(line: Line) -> None:
    """Housing opens a case by call."""
    wish = {
        "id": "HA-1",
        "identifier": number(1),
        "purpose": "service-delivery",
        "agreement": RENTAL,
        "until": "2027-06-30",
    }
    headers = line.exchange.headers(HOUSING, roles=["clerk"])
    answer = await line.exchange.http.post("/v1/cases", json=wish, headers=headers)
    assert answer.status_code == 202, answer.text
    await line.rest()


async def test_a_death_during_a_suspension_is_told_when_the_agreement_is_resumed(line: Line) -> None:
    """By feed and snapshot, once, although nothing else happens to the person; with it comes all that is known, under
    a new id, for what was told before may have been cut when it was read."""
    hands = Hands(line.exchange)
    await line.report(SETTLED)
    await case_of_housing(line)
    before = await heard(line, HOUSING)
    await hands.does("suspend", RENTAL)
    await line.report(died("x1"))
    await hands.does("resume", RENTAL)
    assert await heard(line, HOUSING) == before
    await line.rest()
    assert await heard(line, HOUSING) == [*before, before[-1] | {"died_on": "2024-05-01"}]
    assert [each["died_on"] for each in await held(line, HOUSING)] == ["2024-05-01"]
    await line.rest()
    assert len(await heard(line, HOUSING)) == len(before) + 1
    assert await line.registry.count("retelling") == 0


async def test_a_new_version_tells_the_fields_it_adds(line: Line) -> None:
    hands = Hands(line.exchange)
    await line.report(SETTLED, died("x1"))
    before = await heard(line, HEALTH)
    document = (await hands.get(VACCINATION)).json()["versions"][-1]["agreement"]
    await hands.agree(document | {"fields": [*document["fields"], "civil_status"]} | signed(document), 2)
    await line.rest()
    heard_then = await heard(line, HEALTH)
    assert len(heard_then) == len(before) + 1
    assert heard_then[-1]["civil_status"] == "unspecified"


def signed(document: Json) -> Json:
    """Civil affairs registers the field that is added: it has to sign, too."""
    by = document["approved_by"]
    return {"approved_by": by | {"giving": sorted({*by["giving"], "civil-affairs"})}}


async def test_the_register_is_told_everyone_in_it_and_nobody_else_page_by_page(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has no case of public security and stands in the register is told; who does not stand in it is not."""
    monkeypatch.setattr(handlers, "PAGE", 2)
    hands = Hands(line.exchange)
    people = [person(n) for n in (1, 2, 3, 4, 5)]
    await line.report(
        *(
            says("household.registered", f"r{n}", {"person": who, **household(number_=f"H{n}")}, "2024-01-10")
            for n, who in enumerate(people)
        )
    )
    await line.report(died("x9", person(9)))
    for agreement in (REGISTER, OWN):
        await hands.does("suspend", agreement)
    moved = [
        says("household.registered", f"m{n}", {"person": who, **household(OTHER_TOWN, number_=f"H{n}")}, "2024-06-01")
        for n, who in enumerate(people)
    ]
    await line.report(*moved)
    await line.exchange.service.pool.execute("DELETE FROM department_case WHERE department = $1", SECURITY)
    assert await heard(line, SECURITY) == []
    await hands.does("resume", REGISTER)
    await line.rest()
    told = await heard(line, SECURITY)
    assert len(told) == 2 * len(people), "all that was told before, and one more for each"
    assert [each["registered_area"] for each in told[len(people) :]] == [OTHER_TOWN] * len(people)
    assert [each["registered_area"] for each in await held(line, SECURITY)] == [OTHER_TOWN] * len(people)


def at_home(n: int) -> CloudEvent:
    return says("household.registered", f"r{n}", {"person": person(n), **household(number_=f"H{n}")}, "2024-01-10")


async def asked_for(line: Line) -> None:
    """Everyone in the register is to be told to public security once more."""
    async with transaction(line.registry.service.pool) as connection:
        await repository.ask(connection, REGISTER, SECURITY, clock.today(), everyone=True, again=False)


async def page(line: Line) -> float | None:
    """Tell one page."""
    ours = line.registry.service
    return await handlers.retell(ours.pool, ours.feeds, line.registry.folding.vault, line.registry.folding.telling)


async def test_who_comes_while_it_lasts_does_not_keep_it_from_its_end(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "PAGE", 2)
    await line.registry.apply(*(at_home(n) for n in (1, 2, 3)))
    await asked_for(line)
    for n in (4, 6):
        assert await page(line) is not None
        await line.registry.apply(at_home(n), at_home(n + 1))
    assert await page(line) is None
    assert await line.registry.count("retelling") == 0


async def test_others_are_let_in_for_as_long_as_they_waited_and_no_longer(line: Line) -> None:
    """What it waited itself for the feed's head, others had already."""
    await line.registry.apply(at_home(1))
    await asked_for(line)
    pool = line.registry.service.pool
    async with transaction(pool) as connection:
        await heads.lock(connection, [(CHANGES, 0)])
        telling = asyncio.create_task(page(line))
        waits = False
        while not (waits or telling.done()):
            waits = await pool.fetchval(WAITS)
        released = monotonic()
    held = await telling
    assert held is not None
    assert held <= monotonic() - released
