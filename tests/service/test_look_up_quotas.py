"""How much an official may search in an hour and see in a day: counted in the database, whatever comes of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.registry.people.quotas import Quotas, forget
from shared import clock
from shared.auth.issuer import Issuer
from tests.histories import BORN, OTHER_TOWN, household, move, number, person
from tests.registry_pages_world import signed_in
from tests.registry_world import LookUpWorld, RegistryWorld, looking_up, says

pytest_plugins = ["tests.registry"]

SECURITY, HOUSING = "public-security", "housing"
NOON = datetime(2026, 3, 2, 4, 10, tzinfo=UTC)  # ten past noon in Asia/Shanghai
SETTLED = [
    says("household.registered", f"h{n}", {"person": person(n, f"Li Wei {n}"), **household(number_=f"H{n}")})
    for n in range(1, 6)
]


@pytest.fixture
async def limited(registry: RegistryWorld, issuer: Issuer) -> AsyncIterator[LookUpWorld]:
    """Three searches an hour, four people a day."""
    async with looking_up(registry, issuer) as world:
        world.app.state.look_ups.quotas = Quotas(searches_an_hour=3, people_a_day=4)
        yield world


async def search(
    world: LookUpWorld, of: int = 9, who: str = "official-7", department: str = SECURITY, **more: Any
) -> httpx.Response:
    purpose = "household-registration" if department == SECURITY else "service-delivery"
    token = world.issuer.issue(
        subject=who, department=department, roles=["clerk"], purpose=purpose, ttl=timedelta(days=3000)
    )
    headers = {"authorization": f"Bearer {token}"} | more.pop("headers", {})
    return await world.http.post("/v1/people/search", json={"identifier": number(of)} | more, headers=headers)


async def test_searches_are_counted_whether_or_not_anybody_is_found(
    registry: RegistryWorld, limited: LookUpWorld
) -> None:
    await registry.apply(*SETTLED)
    with clock.frozen(NOON):
        for of in (1, 9, 9):
            assert (await search(limited, of)).status_code == 200
        refused = await search(limited, 1)
        assert (refused.status_code, refused.json()["type"]) == (429, "/errors#quota-exceeded")
        assert refused.headers["retry-after"] == "3000", "fifty minutes, until the hour is over"
        assert refused.json()["limit"] == {"of": "searches", "per_hour": 3}
        in_chinese = await search(limited, 1, headers={"accept-language": "zh-CN"})
        assert "配额" in in_chinese.json()["title"]
        assert (await search(limited, 1, "official-8")).status_code == 200, "another official has a quota of their own"
        assert (await search(limited, 1, department=HOUSING)).status_code == 200, "so has the same name elsewhere"
    with clock.frozen(NOON + timedelta(minutes=50)):
        assert (await search(limited, 1)).status_code == 200


async def test_what_is_refused_counts_too_and_unreadable_bodies_do_not(
    registry: RegistryWorld, limited: LookUpWorld
) -> None:
    with clock.frozen(NOON):
        token = limited.issuer.issue(subject="o", department=HOUSING, roles=["clerk"], purpose="audit")
        for status in (403, 403, 403, 429):
            answer = await limited.http.post(
                "/v1/people/search",
                json={"identifier": number(1)},
                headers={"authorization": f"Bearer {token}"},
            )
            assert answer.status_code == status
        for status in (422, 422, 422, 422, 200):
            more = {} if status == 200 else {"sex": "female"}
            assert (await search(limited, 1, **more)).status_code == status
    assert await registry.service.pool.fetchval("SELECT sum(asked) FROM searches_asked") == 4


async def test_a_restart_and_a_second_process_forget_nothing(
    registry: RegistryWorld, limited: LookUpWorld, issuer: Issuer, tmp_path: Path
) -> None:
    with clock.frozen(NOON):
        for _ in range(3):
            await search(limited)
        async with looking_up(registry, issuer) as another:
            another.app.state.look_ups.quotas = Quotas(3, 4)
            assert (await search(another)).status_code == 429


async def test_people_seen_are_counted_once_a_day_by_every_way(registry: RegistryWorld, limited: LookUpWorld) -> None:
    await registry.apply(*SETTLED)
    references = [await registry.reference(SECURITY, event) for event in SETTLED]
    headers = {"authorization": f"Bearer {limited.token(SECURITY)}"}

    async def look(path: str) -> httpx.Response:
        return await limited.http.get(path, headers=headers)

    for n in (0, 0, 1, 0, 1):
        assert (await look(f"/v1/people/{references[n]}")).status_code == 200
    assert (await look(f"/v1/people/{references[2]}/timeline")).status_code == 200
    home = (await look(f"/v1/people/{references[2]}")).json()["household"]
    assert (await look(f"/v1/households/{home}")).status_code == 200
    by_name = {"name": "Li Wei 4", "birth_date": str(BORN)}
    assert (await limited.http.post("/v1/people/search", json=by_name, headers=headers)).json()["people"]
    unknown = references[4][:-3] + "AAA"
    refused = [await look(f"/v1/people/{each}") for each in (references[4], references[0], unknown)]
    assert [answer.status_code for answer in refused] == [429] * 3, "whom one asks for makes no difference"
    assert len({answer.content for answer in refused}) == 1
    assert refused[0].json()["limit"] == {"of": "people", "per_day": 4}
    assert 0 < int(refused[0].headers["retry-after"]) <= 86_400
    assert (await look(f"/v1/households/{home}")).status_code == 429
    assert (await limited.http.post("/v1/people/search", json=by_name, headers=headers)).status_code == 429


async def test_nobody_who_is_not_shown_is_counted(registry: RegistryWorld, limited: LookUpWorld) -> None:
    await registry.apply(*SETTLED)
    for of in (1, 2, 3):
        assert (await search(limited, of, department=HOUSING)).json() == {"people": []}
    assert await registry.count("person_seen") == 0


async def test_counts_of_other_days_are_forgotten(registry: RegistryWorld, limited: LookUpWorld) -> None:
    await registry.apply(*SETTLED)
    assert (await search(limited, 1)).json()["people"]
    pool = registry.service.pool
    await forget(pool)
    assert (await registry.count("person_seen"), await registry.count("searches_asked")) == (1, 1)
    with clock.frozen(clock.now() + timedelta(days=1)):
        await forget(pool)
    assert (await registry.count("person_seen"), await registry.count("searches_asked")) == (0, 0)


async def test_a_quota_that_is_reached_is_shown_by_department_and_names_no_official(
    registry: RegistryWorld, limited: LookUpWorld
) -> None:
    administrator = {"authorization": f"Bearer {limited.issuer.issue(subject='a', roles=['administrator'])}"}

    async def reached() -> object:
        answer = await limited.http.get("/v1/overview", headers=administrator)
        return answer.json()["look_up_quotas_reached"]

    assert await reached() == []
    await registry.apply(*SETTLED)
    for of in (1, 9, 9):
        await search(limited, of)
    await search(limited, 9, "official-8", department=HOUSING)
    assert await reached() == [{"department": SECURITY, "officials": 1}]


async def test_lists_of_the_desk_count_the_people_they_show_and_end_with_the_quota(
    registry: RegistryWorld, limited: LookUpWorld
) -> None:
    quotas = Quotas(searches_an_hour=3, people_a_day=3)
    state = limited.app.state
    state.contradictions.quotas = state.reviews.quotas = state.unmatched_moves.quotas = quotas
    departed = {"person": person(1, "Li Wei 1"), **move("P1")}
    impostor = {"person": person(2, "Sun Min") | {"birth_date": "1970-01-01"}, **household(number_="H9")}
    twice = {"person": person(3, "Li Wei 3"), **household(OTHER_TOWN, number_="H8")}
    await registry.apply(*SETTLED, says("migration.departed", "o1", departed, "2024-02-10"))
    await registry.apply(says("household.registered", "h9", impostor))
    await registry.apply(says("household.registered", "h10", twice))

    async def ask(path: str, purpose: str, status: int = 200) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {limited.token(SECURITY, purpose)}"}
        answer = await limited.http.get(path, headers=headers)
        assert answer.status_code == status, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def counted() -> int:
        found: int = await registry.service.pool.fetchval("SELECT count(DISTINCT person_id) FROM person_seen")
        return found

    (half,) = (await ask("/v1/moves/unmatched", "household-registration"))["moves"]
    assert half["half"] == "departure"
    assert await counted() == 1
    (review,) = (await ask("/v1/reviews", "identity-review"))["reviews"]
    assert await counted() == 1, "nobody is in that list"
    one = f"/v1/reviews/{review['review']}"
    assert len((await ask(one, "identity-review"))["candidates"]) == 1
    assert await counted() == 2
    (contradiction,) = (await ask("/v1/contradictions", "identity-review"))["contradictions"]
    assert contradiction["kind"] == "two-households"
    assert await counted() == 3
    unknown = "/v1/contradictions/6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    for path, purpose in (
        ("/v1/moves/unmatched", "household-registration"),
        (one, "identity-review"),
        ("/v1/contradictions", "identity-review"),
        (unknown, "identity-review"),
    ):
        assert (await ask(path, purpose, 429))["limit"] == {"of": "people", "per_day": 3}
    headers = {"authorization": f"Bearer {limited.token(SECURITY, 'identity-review')}"}
    split = {"ask": "split", "people": [contradiction["person"]], "reason": "two people"}
    assert (await limited.http.post("/v1/reviews", json=split, headers=headers)).status_code == 429


async def test_at_the_quota_a_contradiction_of_people_seen_today_is_read_and_explained_and_no_other(
    registry: RegistryWorld, limited: LookUpWorld
) -> None:
    limited.app.state.contradictions.quotas = Quotas(searches_an_hour=3, people_a_day=1)
    doubled = [
        says(
            "household.registered", f"x{n}", {"person": person(n, f"Li Wei {n}"), **household(OTHER_TOWN, number_="H8")}
        )
        for n in (1, 2)
    ]
    await registry.apply(*SETTLED, *doubled)
    ids = [str(row[0]) for row in await registry.service.pool.fetch("SELECT contradiction_id FROM contradiction")]
    seen, unseen = (f"/v1/contradictions/{each}" for each in ids)
    headers = {"authorization": f"Bearer {limited.token(SECURITY, 'identity-review')}"}
    reason = {"reason": "both homes are real"}

    async def explain(path: str) -> int:
        return (await limited.http.post(f"{path}/explanation", json=reason, headers=headers)).status_code

    assert (await limited.http.get(seen, headers=headers)).status_code == 200
    for path in (unseen, "/v1/contradictions/6ba7b810-9dad-11d1-80b4-00c04fd430c8"):
        assert (await limited.http.get(path, headers=headers)).status_code == 429
        assert await explain(path) == 429
    assert (
        await registry.service.pool.fetchval("SELECT count(*) FROM contradiction WHERE explained_at IS NOT NULL") == 0
    )
    assert await registry.count("person_seen") == 1
    assert (await limited.http.get(seen, headers=headers)).status_code == 200
    assert await explain(seen) == 200


async def test_a_page_says_in_words_that_the_quota_is_used_up(registry: RegistryWorld, limited: LookUpWorld) -> None:
    limited.app.state.contradictions.quotas = Quotas(searches_an_hour=3, people_a_day=0)
    http = await signed_in(limited, department=SECURITY, roles=["clerk"], purpose="identity-review")
    for language, words in (("en", "As much as is allowed"), ("zh-CN", "已达上限")):
        answer = await http.get("/contradictions", headers={"accept-language": language})
        assert answer.status_code == 429
        assert answer.headers["content-type"].startswith("text/html")
        assert words in answer.text
        assert 0 < int(answer.headers["retry-after"]) <= 86_400
