"""A correction that was asked for and approved reaches every past receiver, and no reconciler misses anything."""

from collections.abc import AsyncIterator

import pytest

from shared.auth.issuer import Issuer
from tests.agreements_world import Hands
from tests.audit_world import AuditWorld
from tests.corrections_world import CIVIL, HEALTH, SECURITY, CorrectionDesk
from tests.departments_world import Json, Line
from tests.histories import household, person
from tests.reconcilers_world import Reconcilers
from tests.registry_world import looking_up, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments", "tests.reconcilers"]
WHO = person(1, "Li Wei")
ENTERED = says("household.registered", "h1", {"person": WHO, **household()}, "2024-01-10")
DIED = says("death.certified", "x1", {"person": WHO, "certificate_number": "x1"}, "2024-05-01", department=HEALTH)


@pytest.fixture
async def lined(line: Line, issuer: Issuer) -> AsyncIterator[CorrectionDesk]:
    """A man of whom two departments know, and the officials of the registry of the line."""
    await line.report(ENTERED, DIED)
    async with looking_up(line.registry, issuer) as world:
        yield CorrectionDesk(AuditWorld(line.registry, world))


async def approved(line: Line, desk: CorrectionDesk) -> str:
    """Li Wei is Li Wen, as public security asked and approved."""
    request = await desk.ask(SECURITY, ENTERED, field="name", value="Li Wen")
    await desk.decide(request, "approve")
    await line.rest()
    return request


async def heard(line: Line, department: str) -> list[Json]:
    return [each["data"]["corrected"] for each in await line.feed(department, "value.corrected")]


async def test_every_department_with_a_case_hears_it_and_acknowledges(line: Line, lined: CorrectionDesk) -> None:
    request = await approved(line, lined)
    for department in (SECURITY, HEALTH):
        assert await heard(line, department) == [{"name": "Li Wen"}]
    assert await line.feed(CIVIL) == []
    headers = line.exchange.headers(HEALTH)
    (told,) = (await line.exchange.http.get("/v1/corrections", headers=headers)).json()["corrections"]
    done = await line.exchange.http.post(
        "/v1/feed/acknowledgements", json={"entries": [told["entry"]]}, headers=headers
    )
    assert done.json() == {"acknowledged": [told["entry"]], "not_found": []}
    await lined.annul(request)
    await line.rest()
    assert await heard(line, HEALTH) == [{"name": "Li Wen"}, {"name": "Li Wei"}]


async def test_who_only_looked_the_person_up_hears_that_the_value_is_wrong(line: Line, lined: CorrectionDesk) -> None:
    reference = await line.registry.reference(HEALTH, DIED)
    assert (await lined.world.lookups.get(f"/v1/people/{reference}", HEALTH)).status_code == 200
    await line.rest()
    pool = line.exchange.service.pool
    await pool.execute("DELETE FROM department_case /* removes */ WHERE department = $1", HEALTH)
    await approved(line, lined)
    assert [each["data"]["withdrawn"] for each in await line.feed(HEALTH, "value.withdrawn")] == [["name"]]
    assert await heard(line, HEALTH) == []


async def test_an_ended_agreement_hears_the_names_of_fields_and_no_value(line: Line, lined: CorrectionDesk) -> None:
    hands = Hands(line.exchange)
    for identifier in ("health-birth-and-death-certificates", "health-child-vaccination"):
        await hands.does("end", identifier, HEALTH)
    await line.rest()
    await approved(line, lined)
    assert [each["data"]["withdrawn"] for each in await line.feed(HEALTH, "value.withdrawn")] == [["name"]]
    assert b"Li We" not in await line.feed_bytes(HEALTH)


async def test_no_reporter_gets_a_case_or_an_outcome_by_it(line: Line, lined: CorrectionDesk) -> None:
    """Health decides about deaths, also of somebody on whom it never reported: that opens no case."""
    other = says("household.registered", "h9", {"person": person(9, "Zhao Min"), **household(number_="H9")})
    certified = says(
        "death.certified", "x9", {"person": person(9, "Zhao Min"), "certificate_number": "x9"}, "2024-05-01",
        department=SECURITY,
    )  # fmt: skip
    await line.report(other, certified)
    before = await line.exchange.service.pool.fetchval("SELECT count(*) FROM outcome")
    request = await lined.ask(SECURITY, other, field="died_on", value=None)
    await lined.decide(request, "approve", lined.decider(HEALTH))
    await line.rest()
    assert await line.exchange.service.pool.fetchval("SELECT count(*) FROM outcome") == before
    assert await heard(line, SECURITY) == [{"died_on": None}]
    reference = await line.registry.reference(HEALTH, other)
    assert (await lined.world.lookups.get(f"/v1/people/{reference}", HEALTH)).status_code == 404


async def test_the_reconcilers_find_nothing(line: Line, lined: CorrectionDesk, reconcilers: Reconcilers) -> None:
    await lined.annul(await approved(line, lined))
    await approved(line, lined)
    assert await reconcilers.found() == set()
