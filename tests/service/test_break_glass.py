"""Break-glass: one official, one person, one hour; capped, told to the person, flagged and to be justified."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared import clock
from tests.audit_world import AuditWorld
from tests.histories import certificate, household, number, person
from tests.registry_world import LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]
HOUSING = "housing"
HERS = says("household.registered", "h1", {"person": person(2, "Wang Fang"), **household()}, "2024-01-10")
HIS = says("household.registered", "h2", {"person": person(1, "Li Wei"), **household(number_="H2")}, "2024-01-10")
WHY = {"category": "danger-to-life", "text": "The house burns."}


@pytest.fixture
async def glass(registry: RegistryWorld, lookups: LookUpWorld) -> AuditWorld:
    """Two people on whom housing holds no case."""
    await registry.apply(HERS, HIS)
    return AuditWorld(registry, lookups)


async def broken(world: AuditWorld, token: str | None = None, **whom: Any) -> httpx.Response:
    body = {"reason": WHY, **(whom or {"identifier": number(2)})}
    return await world.call("POST", "/v1/people/break-glass", token or world.clerk(HOUSING), body)


async def looked(world: AuditWorld, reference: str, **who: Any) -> int:
    return (await world.call("GET", f"/v1/people/{reference}", world.clerk(HOUSING, **who))).status_code


async def test_it_opens_one_person_to_one_official_for_one_hour(glass: AuditWorld) -> None:
    hers = await glass.registry.reference(HOUSING, HERS)
    his = await glass.registry.reference(HOUSING, HIS)
    assert await looked(glass, hers) == 404
    answer = await broken(glass)
    assert (answer.status_code, answer.json()["reference"]) == (201, hers)
    found = await glass.get(f"/v1/people/{hers}", glass.clerk(HOUSING))
    assert set(found["fields"]) == {"name", "registered_area", "residence", "died_on"}, "as agreed for service"
    assert await looked(glass, his) == 404
    assert await looked(glass, f"{hers}/timeline") == 404, "how they are now, and not what they have been"
    assert await looked(glass, hers, subject="official-8") == 404
    with clock.frozen(clock.now() + timedelta(minutes=59)):
        assert await looked(glass, hers) == 200
    await glass.registry.service.pool.execute("UPDATE break_glass SET until = until - interval '1 hour'")
    assert await looked(glass, hers) == 404


async def test_by_a_reference_the_department_has_kept(glass: AuditWorld) -> None:
    reference = await glass.registry.reference(HOUSING, HERS)
    assert (await broken(glass, reference=reference)).json()["reference"] == reference
    assert await looked(glass, reference) == 200


async def test_the_person_is_told_why_in_their_log_and_their_notices(glass: AuditWorld) -> None:
    await broken(glass)
    token = await glass.citizen(2, "Wang Fang")
    (told,) = [each for each in (await glass.get("/v1/me/disclosures", token))["disclosures"] if each["break_glass"]]
    assert (told["action"], told["break_glass"], told["department"]["name"]) == (
        "break-glass",
        "danger-to-life",
        HOUSING,
    )
    (notice,) = (await glass.get("/v1/me", token))["notices"]
    assert (notice["category"], notice["department"]["name"], notice["justified"]) == ("danger-to-life", HOUSING, False)
    assert "burns" not in str(notice)
    other = await glass.citizen(1, "Li Wei")
    assert (await glass.get("/v1/me", other))["notices"] == []


async def test_each_is_flagged_and_must_be_justified_by_who_did_it(glass: AuditWorld) -> None:
    grant = (await broken(glass)).json()["grant"]
    (flag,) = (await glass.get("/v1/flags", glass.officer()))["flags"]
    assert (flag["rule"], flag["official"], flag["flag"]) == ("break-glass", "official-7", grant)
    assert (flag["break_glass"]["justification"], flag["break_glass"]["overdue"]) == (None, False)
    await glass.registry.service.pool.execute("UPDATE break_glass SET justify_by = justify_by - interval '73 hours'")
    (flag,) = (await glass.get("/v1/flags", glass.officer()))["flags"]
    assert flag["break_glass"]["overdue"]
    place, said = f"/v1/people/break-glass/{grant}/justification", {"text": "We got her out."}
    assert (await glass.call("POST", place, glass.clerk(HOUSING, "official-8"), said)).status_code == 404
    assert (await glass.call("POST", place, glass.clerk(HOUSING), said)).status_code == 204
    assert (await glass.call("POST", place, glass.clerk(HOUSING), said)).status_code == 404
    (flag,) = (await glass.get("/v1/flags", glass.officer()))["flags"]
    assert (flag["break_glass"]["justification"], flag["break_glass"]["overdue"]) == ("We got her out.", False)
    assert b"burns" not in await glass.registry.service.pool.fetchval("SELECT reason FROM break_glass")


async def test_the_cap_of_an_official_counts_those_who_were_not_found(glass: AuditWorld) -> None:
    assert [(await broken(glass, identifier=number(each))).status_code for each in (9, 2, 8)] == [404, 201, 404]
    capped = await broken(glass)
    assert (capped.status_code, capped.json()["limit"]) == (429, {"of": "official", "per_day": 3})
    assert int(capped.headers["retry-after"]) > 0
    assert (await broken(glass, glass.clerk(HOUSING, "official-8"))).status_code == 201


async def test_the_cap_of_a_department_holds_for_all_its_officials(glass: AuditWorld) -> None:
    glass.lookups.app.state.break_glass.per_department = 2
    answers = [await broken(glass, glass.clerk(HOUSING, f"official-{each}")) for each in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].json()["limit"] == {"of": "department", "per_day": 2}


async def test_nobody_known_and_nobody_to_be_found_are_one_answer(glass: AuditWorld) -> None:
    """A newborn of no register is not found by whoever may not hear of births (protection rule 2)."""
    baby = {"identifiers": [certificate("C1")], "name": "Wang An", "sex": "female", "birth_date": "2024-02-01"}
    await glass.registry.apply(says("household.registered", "h3", {"person": baby, **household()}, "2024-02-20"))
    answers = [
        await broken(glass, glass.clerk(HOUSING, "a"), identifier=certificate("C1")),
        await broken(glass, glass.clerk(HOUSING, "b"), reference="k1.AAAA"),
        await broken(glass, glass.clerk(HOUSING, "c", areas=["440305"])),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    "whom", [{}, {"identifier": number(2), "reference": "k1.AAAA"}, {"reason": {"category": "curiosity"}}]
)
async def test_it_names_one_person_and_a_reason(glass: AuditWorld, whom: dict[str, Any]) -> None:
    answer = await glass.call("POST", "/v1/people/break-glass", glass.clerk(HOUSING), {"reason": WHY, **whom})
    assert answer.status_code == 422


async def test_without_an_agreement_or_the_purpose_nobody_is_looked_for(glass: AuditWorld) -> None:
    assert (await broken(glass, glass.clerk("education"))).json()["type"] == "/errors#not-agreed"
    assert (await broken(glass, glass.clerk(HOUSING, purpose="audit"))).status_code == 403
    assert await glass.registry.count("break_glass") == 0


async def test_if_it_cannot_be_written_down_nothing_is_opened(glass: AuditWorld) -> None:
    pool = glass.registry.service.pool
    await pool.execute("ALTER TABLE access_log ADD CHECK (action <> 'break-glass') NOT VALID")
    assert (await broken(glass)).status_code == 500
    assert await glass.registry.count("break_glass") == 0
    assert await looked(glass, await glass.registry.reference(HOUSING, HERS)) == 404
