"""Contradictions on PostgreSQL: listed with who reported them, gone by facts or explained, the same in any order."""

from datetime import date
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.tenfold.county import generate, plan, registrations
from deploy.tenfold.county.mentions import key_of
from services.registry.contradictions.keeping import Keeping
from services.registry.contradictions.values import Contradiction
from services.registry.contradictions.worker import judge_families
from tests.histories import birth, household, person
from tests.property.test_registry_order import emptied, histories
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, receipt_of, says

pytest_plugins = ["tests.registry"]

HER, HIM, THIRD = person(2, "Wang Fang"), person(1, "Li Wei"), person(3, "Zhao Min")
REVIEW = "identity-review"


def registered(id_: str = "h1", who: dict[str, Any] = HER, **place: Any) -> CloudEvent:
    return says("household.registered", id_, {"person": who, **household(**place)}, "2020-01-01")


def married(id_: str, first: dict[str, Any], second: dict[str, Any], on: str) -> CloudEvent:
    return says("marriage.registered", id_, {"spouses": [first, second], "certificate_number": id_}, on)


def died(id_: str, who: dict[str, Any], on: str, **how: Any) -> CloudEvent:
    return says("death.certified", id_, {"person": who, "certificate_number": id_}, on, department="health", **how)


async def judged(registry: RegistryWorld) -> None:
    """Until no family waits."""
    while await judge_families(registry.service.pool, registry.folding.vault):
        pass


async def standing(registry: RegistryWorld) -> set[Contradiction]:
    """Everything that stands, whoever it is about: statements name their events."""
    await judged(registry)
    rows = await registry.service.pool.fetch("SELECT * FROM contradiction WHERE gone_at IS NULL")
    found = [Keeping(registry.service.ring).opened(row["contradiction_id"], row["body"]) for row in rows]
    assert len(found) == len(rows)
    return set(found)


async def kinds(registry: RegistryWorld) -> list[str]:
    return sorted(each.kind for each in await standing(registry))


async def listed(lookups: LookUpWorld, seen_by: str, **query: Any) -> list[dict[str, Any]]:
    headers = {"authorization": f"Bearer {lookups.token(seen_by, REVIEW)}"}
    answer = await lookups.http.get("/v1/contradictions", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["contradictions"]
    return found


async def explain(lookups: LookUpWorld, id_: str, department: str, reason: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {lookups.token(department, REVIEW)}"}
    return await lookups.http.post(f"/v1/contradictions/{id_}/explanation", json={"reason": reason}, headers=headers)


async def test_a_death_before_a_marriage_goes_with_its_annulment(registry: RegistryWorld) -> None:
    await registry.apply(registered(), married("m1", HER, HIM, "2024-03-01"), died("d1", HER, "2024-01-10"))
    assert await kinds(registry) == ["event-after-death"]
    await registry.apply(died("d2", HER, "2024-01-10", action="annulled", of="d1", minute=1))
    assert await kinds(registry) == []
    assert await registry.service.pool.fetchval(
        "SELECT first_seen_at = seen_at AND seen_at < gone_at FROM contradiction"
    )


async def test_twins_under_one_copied_number_are_named_with_who_reported_whom_and_gone_when_one_is_corrected(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    sister = person(2, "Wang Li")
    brother = sister | {"name": "Wang Jun", "sex": "male"}
    enrolled = {"person": brother, "scheme": "basic-medical-resident"}
    copied = says("insurance.enrolled", "i1", enrolled, "2021-01-01")
    await registry.apply(registered("h1", sister), copied)
    assert len(await registry.states()) == 1, "one number and one birthday: a changed name, as far as a machine knows"
    assert {"names-differ", "sexes-differ"} <= set(await kinds(registry))
    listed_ = {each["kind"]: each["sides"] for each in await listed(lookups, "public-security")}
    assert {(side["department"], side["value"]) for side in listed_["names-differ"]} == {
        ("public-security", "Wang Li"),
        ("human-resources", "Wang Jun"),
    }
    own = brother | {"identifiers": person(3, "Wang Jun")["identifiers"]}
    await registry.apply(
        says(
            "insurance.enrolled", "i2", enrolled | {"person": own}, "2021-01-01", action="corrected", of="i1", minute=1
        )
    )
    assert not {"names-differ", "sexes-differ"} & set(await kinds(registry))


async def test_the_mothers_death_reaches_the_child_whoever_comes_first(registry: RegistryWorld) -> None:
    born = says("birth.certified", "b1", birth(HER), "2024-02-01")
    await registry.apply(registered())
    await registry.apply(born)
    assert await kinds(registry) == []
    await registry.apply(died("d1", HER, "2024-01-10"))
    assert await kinds(registry) == ["born-after-mothers-death"]
    await registry.apply(died("d2", HER, "2024-02-02", action="corrected", of="d1", minute=1))
    assert await kinds(registry) == []


async def test_a_spouses_death_that_is_learnt_late_makes_the_second_marriage_right(registry: RegistryWorld) -> None:
    await registry.apply(married("m1", HER, HIM, "2020-01-01"), married("m2", HER, THIRD, "2023-01-01"))
    assert await kinds(registry) == ["married-while-married"]
    await registry.apply(died("d1", HIM, "2022-06-01"))
    assert await kinds(registry) == []


async def test_departments_see_their_own_share_and_the_authority_sees_all(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    marriage = married("m1", HER, HIM, "2024-03-01")
    await registry.apply(registered(), marriage, died("d1", HER, "2024-01-10"))
    (seen,) = await listed(lookups, "civil-affairs")
    assert seen["person"] == await registry.reference("civil-affairs", marriage, "spouse_1")
    ours, theirs = sorted(seen["sides"], key=lambda side: side["department"])
    assert (ours["value"], ours["receipt"], ours["withheld"]) == ("2024-03-01", str(receipt_of(marriage)), False)
    assert (theirs["department"], theirs["field"], theirs["withheld"]) == ("health", "died_on", True)
    assert {theirs["value"], theirs["type"], theirs["effective_on"], theirs["receipt"]} == {None}
    (all_of_it,) = await listed(lookups, "public-security")
    assert {side["value"] for side in all_of_it["sides"]} == {"2024-01-10", "2024-03-01"}
    assert await listed(lookups, "education") == []
    unknown = await lookups.get(f"/v1/contradictions/{seen['id']}", "education", REVIEW)
    assert unknown.status_code == 404
    assert (await lookups.get("/v1/contradictions", "health", "vital-registration")).status_code == 403


async def test_what_an_adoption_says_is_told_to_civil_affairs_alone(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    child = HER | {"name": "Wang Adopted"}
    adopted = {"child": child, "adopters": [person(11), person(12)], "certificate_number": "A1"}
    await registry.apply(
        says("household.registered", "h1", {"person": HER, **household()}, "2020-01-01"),
        says("insurance.enrolled", "i1", {"person": HER, "scheme": "basic-pension"}, "2020-02-01"),
        says("adoption.registered", "a1", adopted, "2024-03-01"),
        died("d1", HER, "2024-01-10"),
    )
    theirs = await listed(lookups, "civil-affairs")
    assert {each["kind"] for each in theirs} == {"event-after-death", "names-differ"}
    for department in ("public-security", "human-resources", "health"):
        for query in ({}, {"department": "civil-affairs"}, {"explained": "true"}):
            assert await listed(lookups, department, **query) == []
        for each in theirs:
            assert (await lookups.get(f"/v1/contradictions/{each['id']}", department, REVIEW)).status_code == 404
            assert (await explain(lookups, each["id"], department, "Both are true.")).status_code == 404


async def test_what_contradicts_without_an_adoption_is_told_without_it(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    adopted = {"child": HER | {"name": "Wang Adopted"}, "adopters": [person(11)], "certificate_number": "A1"}
    pension = {"person": HER | {"name": "Wang Fan"}, "scheme": "basic-pension"}
    await registry.apply(
        registered(),
        says("insurance.enrolled", "i1", pension, "2020-02-01"),
        says("adoption.registered", "a1", adopted, "2024-03-01"),
    )
    (whole,) = await listed(lookups, "civil-affairs")
    assert len(whole["sides"]) == 3
    assert (await explain(lookups, whole["id"], "civil-affairs", "She was adopted by them.")).status_code == 200
    for department in ("public-security", "human-resources"):
        (seen,) = await listed(lookups, department, explained="true")
        assert {side["department"] for side in seen["sides"]} == {"public-security", "human-resources"}
        assert (seen["explained_by"], seen["explanation"]) == (None, None)


async def test_every_look_is_written_down_for_each_person(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(married("m1", HER, HIM, "2024-03-01"), died("d1", HER, "2024-01-10"))
    await listed(lookups, "health")
    await listed(lookups, "education")
    rows = await registry.service.pool.fetch("SELECT department, action, fields FROM access_log")
    assert [tuple(row) for row in rows] == [("health", "contradiction", ["died_on"])]


async def test_what_is_shown_of_a_parent_is_written_down_for_the_parent(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    born, death = says("birth.certified", "b1", birth(HER), "2024-02-01"), died("d1", HER, "2024-01-10")
    await registry.apply(registered(), death, born)
    await judged(registry)
    await listed(lookups, "public-security")
    rows = await registry.service.pool.fetch(
        "SELECT e.id, f.role, l.fields FROM access_log l JOIN fact f ON f.person_id::text = l.reference"
        "  JOIN vital_event e USING (receipt) WHERE l.action = 'contradiction'"
    )
    fields = {(row["id"], row["role"]): row["fields"] for row in rows}
    assert fields["b1", "child"] == ["birth_date"]
    assert "died_on" in fields["d1", "person"]
    assert "birth_date" not in fields["d1", "person"]


async def test_pages_and_filters(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    other = HER | {"name": "Wang Fan", "sex": "male"}
    enrolled = says("insurance.enrolled", "i1", {"person": other, "scheme": "basic-pension"})
    await registry.apply(registered(), enrolled)
    first = await lookups.get("/v1/contradictions", "public-security", REVIEW, limit=1)
    (one,), after = first.json()["contradictions"], first.json()["next_after"]
    (two,) = await listed(lookups, "public-security", after=after)
    assert {one["kind"], two["kind"]} == {"names-differ", "sexes-differ"}
    assert await listed(lookups, "public-security", after=two["id"]) == []
    (named,) = await listed(lookups, "human-resources", kind="names-differ", department="public-security")
    assert named["kind"] == "names-differ"
    assert await listed(lookups, "human-resources", department="health") == []
    assert await listed(lookups, "human-resources", since=(await registry.now()).isoformat()) == []


async def test_an_explanation_stands_until_the_facts_change(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(registered(), died("d1", HER, "2024-01-10"))
    await registry.apply(married("m1", HER, HIM, "2024-03-01"))
    (seen,) = await listed(lookups, "health")
    assert (await explain(lookups, seen["id"], "education", "Both are true.")).status_code == 404
    assert (await explain(lookups, seen["id"], "health", "short")).status_code == 422
    done = (await explain(lookups, seen["id"], "health", "Both are true, for a court said so.")).json()
    assert (done["explained_by"], done["explanation"]) == ("health", "Both are true, for a court said so.")
    assert await listed(lookups, "health") == []
    (kept,) = await listed(lookups, "health", explained="true")
    assert kept["id"] == seen["id"]
    await registry.apply(says("insurance.enrolled", "i1", {"person": HER, "scheme": "basic-pension"}, "2023-01-01"))
    assert await listed(lookups, "health") == []  # a fact that has no part in it reopens nothing
    await registry.apply(died("d2", HER, "2024-01-11", action="corrected", of="d1", minute=1))
    (again,) = await listed(lookups, "health")
    assert (again["id"], again["explanation"]) == (seen["id"], None)


async def test_the_words_of_an_explanation_and_the_statements_are_sealed(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(registered(), died("d1", HER, "2024-01-10"), married("m1", HER, HIM, "2024-03-01"))
    (seen,) = await listed(lookups, "health")
    await explain(lookups, seen["id"], "health", "Both are true, for a court said so.")
    stored = str(await registry.service.pool.fetchval("SELECT c::text FROM contradiction c"))
    assert "court" not in stored
    assert "2024-03-01" not in stored


def planned(events: list[CloudEvent]) -> set[tuple[str, str]]:
    """What the county's month itself says twice and differently: the ids of two certificates of one death."""
    taken_back = {each["data"]["supersedes"]["id"] for each in events if "supersedes" in each["data"]}
    deaths: dict[str, list[CloudEvent]] = {}
    for event in events:
        data = event["data"]
        counts = data["action"] != "annulled" and event["id"] not in taken_back
        if event["type"] == "cn.tenfold.death.certified.v1" and counts:
            deaths.setdefault(data["person"]["identifiers"][0]["value"], []).append(event)
    return {
        (one["id"], other["id"])
        for of_one in deaths.values()
        for one in of_one
        for other in of_one
        if one["data"]["effective_on"] < other["data"]["effective_on"]
    }


async def test_a_county_without_mistakes_has_deaths_with_two_dates_and_nothing_else(registry: RegistryWorld) -> None:
    """With its mistakes: tests/service/test_county_orders.py."""
    county = generate(2_000)
    told = plan(county, 30, date(2026, 7, 1))
    wrong = {key for mistake in told.mistakes for key in mistake.reports}
    month = [event for event in (report.cloud_event for report in told.reports) if key_of(event) not in wrong]
    reports = [*(report.cloud_event for report in registrations(county)), *month]
    for start in range(0, len(reports), 500):
        await registry.apply(*reports[start : start + 500])
    found = await standing(registry)
    assert {each.kind for each in found} == {"deaths-differ"}
    assert {tuple(side.id for side in each.statements) for each in found} == planned(month)


@given(histories(), st.data())
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
async def test_opposite_orders_give_the_same_contradictions(
    registry: RegistryWorld, events: list[CloudEvent], data: st.DataObject
) -> None:
    for_good = "TRUNCATE contradiction, family_to_judge, half_move"
    await registry.service.pool.execute(for_good)
    await (await emptied(registry)).apply(*events)
    once = await standing(registry)
    await registry.service.pool.execute(for_good)
    await emptied(registry)
    for event in data.draw(st.permutations(events)):
        await registry.apply(event)
        if data.draw(st.booleans()):
            await judged(registry)
    assert await standing(registry) == once
