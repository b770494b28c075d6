"""Areas on any day, as known at any time: lists are entered whole, tried first, and come back."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from shared.identifiers.areas import AreaTable
from shared.settings import PROVISIONING
from tests.registry_world import LookUpWorld, RegistryWorld

pytest_plugins = ["tests.registry"]

TOWNSHIP, SPLIT, EAST, WEST = "370102901000", "370102901001", "370102901011", "370102901012"
Json = dict[str, Any]


def provisioned() -> list[Json]:
    """The list that stands before any other is entered."""
    return [area.model_dump(mode="json") for area in AreaTable.load(PROVISIONING / "areas.yaml").values()]


def with_split(areas: Iterable[Json], on: str = "2026-05-01") -> list[Json]:
    """One community parted in two; one household of it lies in the western part."""
    new = [{"code": code, "zh": "新社区", "en": "New", "valid_from": on} for code in (EAST, WEST)]
    ended = {"valid_until": on, "successors": [EAST, WEST], "households": {WEST: ["H-7"]}}
    return [{**area, **(ended if area["code"] == SPLIT else {})} for area in areas] + new


async def enter(world: LookUpWorld, areas: list[Json], **query: str) -> Any:
    headers = {"authorization": f"Bearer {administrator(world)}"}
    body = {"reason": "resolution 12", "areas": areas}
    return await world.http.post("/v1/areas/lists", json=body, params=query, headers=headers)


async def seen(world: LookUpWorld, path: str, **query: str) -> Any:
    headers = {"authorization": f"Bearer {administrator(world)}"}
    answer = await world.http.get(path, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def administrator(world: LookUpWorld) -> str:
    return world.issuer.issue(subject="admin-1", roles=("administrator",))


def codes(areas: Iterable[Json]) -> list[str]:
    return [area["code"] for area in areas]


async def test_the_provisioned_tree_can_be_walked_from_its_root(lookups: LookUpWorld) -> None:
    (root,) = (await seen(lookups, "/v1/areas"))["areas"]
    found, ahead = set(), [root["code"]]
    while ahead:
        code = ahead.pop()
        found.add(code)
        here = await seen(lookups, f"/v1/areas/{code}")
        assert here["in_use"]
        for below in here["children"]:
            assert (await seen(lookups, f"/v1/areas/{below['code']}"))["parent"]["code"] == code
            ahead.append(below["code"])
    assert found == {area["code"] for area in provisioned() if area["valid_until"] is None}


async def test_a_split_counts_from_its_day_on_and_the_old_tree_stays_known(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    before = await registry.now()
    answer = await enter(lookups, with_split(provisioned()))
    assert answer.status_code == 201
    assert [change["code"] for change in answer.json()["changes"]] == [SPLIT, EAST, WEST]
    assert "H-7" not in answer.text
    township = f"/v1/areas/{TOWNSHIP}"
    assert codes((await seen(lookups, township, valid_at="2026-04-30"))["children"])[0] == SPLIT
    parts = codes((await seen(lookups, township, valid_at="2026-05-01"))["children"])
    assert {EAST, WEST} <= set(parts)
    assert SPLIT not in parts
    known_then = await seen(lookups, township, valid_at="2026-05-01", known_at=before.isoformat())
    assert SPLIT in codes(known_then["children"])
    split = await seen(lookups, f"/v1/areas/{SPLIT}", valid_at="2026-05-01")
    assert not split["in_use"]
    assert split["area"]["successors"] == [EAST, WEST]
    assert split["area"]["households"] == {}
    assert (await seen(lookups, f"/v1/areas/{WEST}"))["predecessors"] == [SPLIT]


async def test_a_trial_changes_nothing_and_a_mistake_is_undone(lookups: LookUpWorld) -> None:
    await enter(lookups, with_split(provisioned()))
    wrong = [area for area in with_split(provisioned()) if area["code"] != "370102904204"]
    tried = await enter(lookups, wrong, dry_run="true")
    assert tried.json()["list_id"] is None
    assert [change["code"] for change in tried.json()["changes"]] == ["370102904204"]
    assert len((await seen(lookups, "/v1/areas/lists"))["lists"]) == 1
    await enter(lookups, wrong)
    newest, first = (await seen(lookups, "/v1/areas/lists"))["lists"]
    assert newest["by"] == "admin-1"
    assert newest["reason"] == "resolution 12"
    back = await lookups.http.post(
        f"/v1/areas/lists/{first['list_id']}/restore",
        json={"reason": "one village was forgotten"},
        headers={"authorization": f"Bearer {administrator(lookups)}"},
    )
    assert back.status_code == 201
    assert [change["code"] for change in back.json()["changes"]] == ["370102904204"]
    assert (await seen(lookups, "/v1/areas/370102904204"))["in_use"]


async def test_lists_are_paged(lookups: LookUpWorld) -> None:
    for day in ("2026-05-01", "2026-06-01", "2026-07-01"):
        assert (await enter(lookups, with_split(provisioned(), day))).status_code == 201
    page = await seen(lookups, "/v1/areas/lists", limit="2")
    rest = await seen(lookups, "/v1/areas/lists", limit="2", after=page["next_after"])
    assert len({each["list_id"] for each in page["lists"] + rest["lists"]}) == 3
    assert rest["next_after"] is None


async def test_of_sixteen_that_enter_the_same_list_one_does(lookups: LookUpWorld) -> None:
    areas = with_split(provisioned())
    answers = await asyncio.gather(*(enter(lookups, areas) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 15]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"valid_from": "2026-01-01", "valid_until": "2025-01-01"}, "/valid_until"),
        ({"successors": [TOWNSHIP]}, "/successors"),
        ({"valid_until": "2026-01-01", "successors": ["370102999999"]}, "/successors/0"),
        ({"valid_until": "2026-01-01", "successors": ["370121"]}, "/successors/0"),
        ({"valid_until": "2026-01-01", "successors": [SPLIT]}, "/successors"),
        ({"valid_until": "2026-01-01", "successors": [TOWNSHIP], "households": {WEST: ["H-1"]}}, f"/households/{WEST}"),
    ],
)
async def test_a_list_that_is_not_sound_changes_nothing(lookups: LookUpWorld, change: Json, pointer: str) -> None:
    areas = provisioned()
    place = codes(areas).index(SPLIT)
    areas[place] |= change
    answer = await enter(lookups, areas)
    assert answer.status_code == 422
    assert f"/areas/{place}{pointer}" in [fault["pointer"] for fault in answer.json()["faults"]]
    assert "H-1" not in answer.text
    assert (await seen(lookups, "/v1/areas/lists"))["lists"] == []


async def test_an_area_may_not_outlive_the_one_around_it(lookups: LookUpWorld) -> None:
    areas = [{**area, **({"valid_until": "2026-01-01"} if area["code"] == TOWNSHIP else {})} for area in provisioned()]
    answer = await enter(lookups, areas)
    assert answer.status_code == 422
    assert len(answer.json()["faults"]) == 4


async def test_an_unknown_area_is_not_found(lookups: LookUpWorld) -> None:
    headers = {"authorization": f"Bearer {administrator(lookups)}"}
    for code in ("370102999999", "990000", "000000"):
        assert (await lookups.http.get(f"/v1/areas/{code}", headers=headers)).status_code == 404
