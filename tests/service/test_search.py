"""Search by name and birth date: whom it finds, in which order, why, and what it never tells."""

from typing import Any

import httpx
import pytest

from tests.histories import BORN, OTHER_TOWN, TOWN, birth, household, number, person
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]

SECURITY, HEALTH, HOUSING = "public-security", "health", "housing"
CHEN = "陈晓明"


def at_home(sequence: int, name: str, born: str = str(BORN), area: str = TOWN) -> CloudEvent:
    """Somebody in the household register."""
    who = person(sequence, name) | {"birth_date": born}
    entry = household(area, number_=f"H{sequence}")
    return says("household.registered", f"h{sequence}", {"person": who, **entry}, "2024-01-10")


async def ask(lookups: LookUpWorld, body: dict[str, Any], department: str = SECURITY, **who: Any) -> httpx.Response:
    purpose = who.pop("purpose", "household-registration" if department == SECURITY else "vital-registration")
    said = {"subject": "official-7", "department": department, "roles": ["clerk"], "purpose": purpose} | who
    headers = {"authorization": f"Bearer {lookups.issuer.issue(**said)}"}
    return await lookups.http.post("/v1/people/search", json=body, headers=headers)


async def hits(lookups: LookUpWorld, name: str, born: str = str(BORN), department: str = SECURITY) -> list[Any]:
    answer = await ask(lookups, {"name": name, "birth_date": born}, department)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["people"]
    return found


async def test_exact_comes_before_variant_before_similar_and_each_says_why(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(
        at_home(1, "陈小明"),
        at_home(2, CHEN, "1990-01-01"),
        at_home(3, CHEN),
        at_home(4, "陳曉明"),
        at_home(5, CHEN, "1990-05-18"),
        at_home(6, "王芳"),
        at_home(7, CHEN, "1985-11-30"),
    )
    found = await hits(lookups, CHEN)
    assert [(hit["match"], hit["why"]) for hit in found] == [
        ("exact", {"name": "exact", "birth_date": "exact"}),
        ("variant", {"name": "exact", "birth_date": "variant"}),
        ("variant", {"name": "variant", "birth_date": "exact"}),
        ("similar", {"name": "exact", "birth_date": "similar"}),
        ("similar", {"name": "similar", "birth_date": "exact"}),
    ]
    assert [hit["fields"]["name"] for hit in found] == [CHEN, CHEN, "陳曉明", CHEN, "陈小明"]
    by_sound = await hits(lookups, "Chen Xiaoming")
    assert by_sound[0]["why"] == {"name": "variant", "birth_date": "exact"}
    assert CHEN in {hit["fields"]["name"] for hit in by_sound}


async def test_a_search_by_name_shows_and_writes_down_the_same_as_a_look_up(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(at_home(3, CHEN))
    (hit,) = await hits(lookups, CHEN)
    looked = (await lookups.get(f"/v1/people/{hit['reference']}", SECURITY)).json()
    assert {name: value for name, value in hit.items() if name not in ("match", "why")} == looked
    rows = await registry.service.pool.fetch("SELECT action, fields, basis, purpose FROM access_log ORDER BY access_id")
    searched, looked_up = (dict(row) for row in rows)
    assert searched == looked_up | {"action": "search"}
    assert await registry.count("look_up_given") == 2, "the exchange hears of both"


async def test_whom_the_caller_may_not_see_leaves_no_trace_in_the_answer(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    """Health has a case on one of two people of that name: the other is as if there were nobody."""
    died = {"person": person(3, CHEN), "certificate_number": "x1"}
    await registry.apply(says("death.certified", "x1", died, "2024-03-01", department=HEALTH))
    alone = await ask(lookups, {"name": CHEN, "birth_date": str(BORN)}, HEALTH)
    await registry.apply(at_home(5, CHEN), at_home(7, "陳曉明"), at_home(9, CHEN, "1990-05-18"))
    among = await ask(lookups, {"name": CHEN, "birth_date": str(BORN)}, HEALTH)
    assert len(among.json()["people"]) == 1
    assert among.content == alone.content
    nobody = await ask(lookups, {"name": "赵敏", "birth_date": str(BORN)}, HEALTH)
    assert nobody.content == b'{"people":[]}'
    seen = {row["reference"] for row in await registry.service.pool.fetch("SELECT reference FROM access_log")}
    assert len(seen) == 1, "nothing is written down of people who were not shown"


async def test_who_stands_in_no_register_is_found_by_nobody_who_is_entitled_to_everyone(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(says("birth.certified", "b1", birth(person(2, "王芳"), name="王安"), "2024-02-01"))
    assert await hits(lookups, "王安", "2024-02-01") == []
    assert await hits(lookups, "王芳") == []


async def test_a_token_for_some_areas_finds_nobody_of_another(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(at_home(3, CHEN), at_home(5, CHEN, area=OTHER_TOWN))
    for areas, count in (([], 2), ([TOWN], 1), (["440305"], 0)):
        answer = await ask(lookups, {"name": CHEN, "birth_date": str(BORN)}, areas=areas)
        assert len(answer.json()["people"]) == count, areas


async def test_nobody_searches_by_what_no_agreement_shows_them(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    """Housing is shown names and no birth dates: hits would confirm them, one guess after the other."""
    await registry.apply(at_home(3, CHEN))
    answer = await ask(lookups, {"name": CHEN, "birth_date": str(BORN)}, HOUSING, purpose="service-delivery")
    assert (answer.status_code, answer.json()["type"]) == (403, "/errors#not-agreed")
    assert "identifier" in answer.json()["detail"]


async def test_a_corrected_name_is_found_and_the_old_one_is_not(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(at_home(3, CHEN))
    data = {"person": person(3, "林国强"), **household(number_="H3")}
    await registry.apply(says("household.registered", "c3", data, "2024-01-10", action="corrected", of="h3", minute=1))
    assert await hits(lookups, CHEN) == []
    (hit,) = await hits(lookups, "林国强")
    assert hit["match"] == "exact"


async def test_whoever_was_merged_is_one_hit(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    passport = {"type": "passport", "value": "E1234567"}
    by_passport = person(3, CHEN) | {"identifiers": [passport]}
    await registry.apply(at_home(3, CHEN))
    elsewhere = {"person": by_passport, **household(number_="H9")}
    await registry.apply(says("household.registered", "p3", elsewhere, "2024-01-11"))
    assert len(await hits(lookups, CHEN)) == 2
    both = {"person": by_passport | {"identifiers": [number(3), passport]}, **household(number_="H3")}
    await registry.apply(says("household.registered", "m3", both, "2024-01-12"))
    assert len(await hits(lookups, CHEN)) == 1


async def test_at_most_twenty_are_shown_the_best_of_all(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    similar = [at_home(2 * n + 1, CHEN, "1990-05-18") for n in range(15)]
    exact = [at_home(2 * n + 1, CHEN) for n in range(20, 30)]
    await registry.apply(*similar, *exact)
    found = await hits(lookups, CHEN)
    assert [hit["match"] for hit in found] == ["exact"] * 10 + ["similar"] * 10
    assert await registry.count("access_log") == 20


REFUSED: list[dict[str, Any]] = [
    {},
    {"name": CHEN},
    {"birth_date": "1990-05-17"},
    {"name": CHEN, "birth_date": "1990-05-17", "identifier": number(3)},
    {"name": CHEN, "identifier": number(3)},
    {"identifier": None},
    {"name": CHEN, "birth_date": None},
    {"name": "陈*", "birth_date": "1990-05-17"},
    {"name": "陈％", "birth_date": "1990-05-17"},
    {"name": "陈", "birth_date": "1990-05-17"},
    {"name": "_ 明", "birth_date": "1990-05-17"},
    {"name": " ", "birth_date": "1990-05-17"},
    {"name": CHEN, "birth_date": "1990"},
    {"name": CHEN, "birth_date": "1990-05-17", "sex": "female"},
    {"name": CHEN, "birth_date": "1990-05-17", "area": TOWN},
    {"name": CHEN, "birth_date": "1990-05-17", "relation_to_head": "spouse"},
    {"name": CHEN, "birth_date": "1990-05-17", "after": "x"},
    {"sex": "female", "birth_date": "1990-05-17"},
    {"mother": "王芳"},
]


@pytest.mark.parametrize("body", REFUSED, ids=str)
async def test_what_would_list_people_is_refused(lookups: LookUpWorld, body: dict[str, Any]) -> None:
    answer = await ask(lookups, body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/errors#invalid")


async def test_neither_name_nor_birth_date_stands_in_a_block(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(at_home(3, CHEN))
    keys = await registry.service.pool.fetch("SELECT key FROM block")
    assert len(keys) >= 4
    assert {len(row["key"]) for row in keys} == {16}
    whole = b"".join(row["key"] for row in keys)
    assert not any(part in whole for part in (CHEN.encode(), b"chen", b"1990"))
