"""Whoever is registered in an area that was split or merged is shown, limited and counted in what became of it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from services.registry.areas.handlers import Areas
from services.registry.folding import folding_of
from services.registry.people.given import open_given
from services.registry.statistics.counting import SIGN
from services.registry.statistics.following import follow_areas
from services.registry.statistics.recount import kept, recount_of
from shared import clock
from tests.histories import household, person
from tests.imports_world import ImportWorld, line
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, says
from tests.service.test_areas import EAST, SPLIT, WEST, Json, enter, provisioned, with_split

pytest_plugins = ["tests.registry"]

POLICE, OTHER = "public-security", "370102902001"
AT_ONCE = timedelta(0)


def lives(n: int, number: str, area: str = SPLIT) -> CloudEvent:
    return says("household.registered", f"h{n}", {"person": person(n), **household(area, number_=number)}, "2024-01-10")


PLACED, UNPLACED, ELSEWHERE = lives(1, "H-7"), lives(2, "H-1"), lives(3, "H-2", OTHER)


def with_merge() -> list[Json]:
    """The community becomes part of another one."""
    ended = {"valid_until": "2026-05-01", "successors": [OTHER]}
    return [{**area, **(ended if area["code"] == SPLIT else {})} for area in provisioned()]


async def shown(registry: RegistryWorld, lookups: LookUpWorld, event: CloudEvent, **query: Any) -> Any:
    reference = await registry.reference(POLICE, event)
    return (await lookups.get(f"/v1/people/{reference}", POLICE, **query)).json()


async def counted(registry: RegistryWorld) -> Counter[str]:
    """Who counts where, once the worker has come by."""
    service = registry.service
    recount = recount_of(service, registry.folding)
    await follow_areas(service.pool, areas_of(registry), recount, AT_ONCE)
    async with service.pool.acquire() as connection:
        cells = await kept(connection)
        assert cells == +(await recount.counts(connection))
    found: Counter[str] = Counter()
    for cell, people in cells.items():
        found[cell.area] += SIGN.get(cell.kind, 0) * people
    return +found


def areas_of(registry: RegistryWorld) -> Areas:
    service = registry.service
    return Areas(service.pool, service.ring, service.settings.provisioning)


async def test_look_ups_show_what_a_code_became_by_the_day(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(PLACED, UNPLACED)
    before = await registry.now()
    assert (await enter(lookups, with_split(provisioned()))).status_code == 201
    for event, code in ((PLACED, WEST), (UNPLACED, EAST)):
        now = await shown(registry, lookups, event)
        assert now["fields"]["registered_area"] == code
        for then in ({"valid_at": "2026-04-30"}, {"known_at": before}):
            assert (await shown(registry, lookups, event, **then))["fields"]["registered_area"] == SPLIT
        home = (await lookups.get(f"/v1/households/{now['household']}", POLICE)).json()
        assert [each["fields"]["registered_area"] for each in home["members"]] == [code]
        timeline = (await lookups.get(f"/v1/people/{now['reference']}/timeline", POLICE)).json()
        changes = [each for step in timeline["steps"] for each in step["changes"]]
        assert [each["value"] for each in changes if each["field"] == "registered_area"] == [code]
    found = (await lookups.search({"type": "resident-identity-number", "value": number_of(PLACED)}, POLICE)).json()
    assert [each["fields"]["registered_area"] for each in found["people"]] == [WEST]


async def test_departments_are_not_told_anew_for_a_list(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(PLACED)
    await enter(lookups, with_split(provisioned()))
    assert (await shown(registry, lookups, PLACED))["fields"]["registered_area"] == WEST
    (body,) = [row["body"] for row in await registry.service.pool.fetch("SELECT body FROM look_up_given")]
    assert open_given(registry.service.ring, body)["fields"]["registered_area"] == SPLIT


async def test_a_token_for_areas_counts_by_what_a_code_became(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(PLACED, UNPLACED)
    await enter(lookups, with_split(provisioned()))
    official: Json = {
        "subject": "official-7",
        "department": POLICE,
        "roles": ("clerk",),
        "purpose": "household-registration",
    }
    headers = {"authorization": f"Bearer {lookups.issuer.issue(**official, areas=[WEST])}"}
    for event, status in ((PLACED, 200), (UNPLACED, 404)):
        reference = await registry.reference(POLICE, event)
        assert (await lookups.http.get(f"/v1/people/{reference}", headers=headers)).status_code == status


async def test_counts_follow_a_split_by_household_and_its_undoing(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(PLACED, UNPLACED, ELSEWHERE)
    assert await counted(registry) == {SPLIT: 2, OTHER: 1}
    await enter(lookups, with_split(provisioned()))
    assert await counted(registry) == {EAST: 1, WEST: 1, OTHER: 1}
    later = RegistryWorld(registry.service, folding_of(registry.service))
    await later.apply(lives(4, "H-7"))
    assert await counted(later) == {EAST: 1, WEST: 2, OTHER: 1}
    await enter(lookups, provisioned())
    assert await counted(registry) == {SPLIT: 3, OTHER: 1}


async def test_counts_follow_a_merge(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(PLACED, UNPLACED, ELSEWHERE)
    await enter(lookups, with_merge())
    assert await counted(registry) == {OTHER: 3}


async def test_counts_follow_the_provisioned_list_on_the_day_on_which_an_area_ends(
    registry: RegistryWorld, tmp_path: Path
) -> None:
    service = registry.service
    (tmp_path / "areas.yaml").write_text(yaml.safe_dump({"areas": with_split(provisioned())}))
    areas = Areas(service.pool, service.ring, tmp_path)
    recount = recount_of(service, registry.folding)
    recount = replace(recount, counting=replace(recount.counting, areas=areas))
    await registry.apply(PLACED, UNPLACED, ELSEWHERE)
    with clock.frozen(datetime(2026, 4, 30, 4, tzinfo=UTC)):
        assert [await follow_areas(service.pool, areas, recount) for _ in range(2)] == [0, None]
    assert [await follow_areas(service.pool, areas, recount) for _ in range(2)] == [2, None]
    async with service.pool.acquire() as connection:
        assert await kept(connection) == +(await recount.counts(connection))


async def test_imported_people_count_in_what_a_code_became(
    registry: RegistryWorld, lookups: LookUpWorld, tmp_path: Path
) -> None:
    assert (await enter(lookups, with_split(provisioned()))).status_code == 201
    assert await counted(registry) == {}
    rows = [line(n, 行政区划=SPLIT, 户号=household) for n, household in ((1, "H-7"), (2, "H-1"), (3, "H-1"))]
    later = RegistryWorld(registry.service, folding_of(registry.service))
    assert (await ImportWorld(later, tmp_path).take(rows))[0].imported == 3
    assert await counted(registry) == {WEST: 1, EAST: 2}


async def test_everybody_is_counted_once_for_a_list(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(PLACED)
    await enter(lookups, with_split(provisioned()))
    recount = recount_of(registry.service, registry.folding)
    pool, areas = registry.service.pool, areas_of(registry)
    assert await follow_areas(pool, areas, recount) is None, "processes may still count by the list before"
    assert await follow_areas(pool, areas, recount, AT_ONCE) == 1
    assert await follow_areas(pool, areas, recount, AT_ONCE) is None


def number_of(event: CloudEvent) -> str:
    found: str = event["data"]["person"]["identifiers"][0]["value"]
    return found
