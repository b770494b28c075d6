"""Look-ups that come together are answered as if each had come alone."""

import asyncio

import httpx

from tests.histories import birth, household, person
from tests.registry_world import PURPOSE, LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]

SECURITY, HEALTH, HOUSING = "public-security", "health", "housing"
SETTLED = [
    says("household.registered", f"h{n}", {"person": person(n, f"Li Wei {n}"), **household(number_=f"H{n}")})
    for n in range(1, 9)
]
BORN = says("birth.certified", "b1", birth(person(20, "Wang Fang"), name="Wang An"), "2024-02-01")


async def look(lookups: LookUpWorld, reference: str, subject: str, department: str, purpose: str) -> httpx.Response:
    token = lookups.issuer.issue(subject=subject, department=department, roles=["clerk"], purpose=purpose)
    return await lookups.http.get(f"/v1/people/{reference}", headers={"authorization": f"Bearer {token}"})


async def test_each_gets_its_own_answer_and_each_that_shows_somebody_is_written_down(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(*SETTLED, BORN)
    asked = [
        (await registry.reference(department, event), f"{department}-{n}", department, purpose)
        for n, event in enumerate(SETTLED)
        for department, purpose in (
            (SECURITY, PURPOSE[SECURITY]),
            (SECURITY, "statistics"),
            (HEALTH, PURPOSE[HEALTH]),
            (HOUSING, "service-delivery"),
        )
    ]
    asked.append((await registry.reference(HEALTH, BORN, "child"), "health-9", HEALTH, PURPOSE[HEALTH]))
    asked.append((await registry.reference(SECURITY, BORN, "child"), "security-9", SECURITY, PURPOSE[SECURITY]))
    asked.append(("nonsense", "security-9", SECURITY, PURPOSE[SECURITY]))
    together = await asyncio.gather(*(look(lookups, *each) for each in asked))
    assert [answer.status_code for answer in together] == [200, 403, 404, 404] * 8 + [200, 404, 404]
    rows = await registry.service.pool.fetch("SELECT subject, department, basis, fields FROM access_log")
    assert len(rows) == 9
    assert {(row["subject"], row["department"]) for row in rows} == {
        *((f"{SECURITY}-{n}", SECURITY) for n in range(8)),
        ("health-9", HEALTH),
    }
    assert await registry.count("look_up_given") == 9
    alone = [await look(lookups, *each) for each in asked]
    assert [answer.content for answer in together] == [answer.content for answer in alone]
    for answer, event in zip(together[:32:4], SETTLED, strict=True):
        assert answer.json()["fields"]["name"] == event["data"]["person"]["name"]


async def test_the_route_itself_and_the_framework_answer_with_the_same_bytes(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(*SETTLED, BORN)
    asked = [
        (await registry.reference(SECURITY, SETTLED[0]), PURPOSE[SECURITY]),
        (await registry.reference(HEALTH, BORN, "child"), PURPOSE[SECURITY]),
        (await registry.reference(SECURITY, SETTLED[1]), "statistics"),
        ("nonsense", PURPOSE[SECURITY]),
    ]
    for reference, purpose in asked:
        straight = await look(lookups, reference, "official-1", SECURITY, purpose)
        described = await look(lookups, f"{reference}?unasked=1", "official-1", SECURITY, purpose)
        assert (straight.status_code, straight.content) == (described.status_code, described.content)
        assert straight.headers == described.headers
    assert await registry.count("access_log") == 2
    bare = await lookups.http.get(f"/v1/people/{asked[0][0]}")
    assert bare.status_code == 401


async def test_one_that_cannot_be_written_down_spoils_no_other(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(*SETTLED)
    await registry.service.pool.execute("ALTER TABLE access_log ADD CHECK (subject <> 'official-3') NOT VALID")
    references = [await registry.reference(SECURITY, event) for event in SETTLED]
    answers = await asyncio.gather(
        *(
            look(lookups, reference, f"official-{n}", SECURITY, PURPOSE[SECURITY])
            for n, reference in enumerate(references)
        )
    )
    assert [answer.status_code for answer in answers] == [200, 200, 200, 500, 200, 200, 200, 200]
    assert await registry.count("access_log") == 7
    assert await registry.count("look_up_given") == 7, "what was not written down was not given"
    assert "Li Wei" not in answers[3].text
