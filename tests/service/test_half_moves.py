"""Departures and arrivals meet by their permit; what stands alone is listed with its age, for who registers moves."""

from datetime import date
from typing import Any

import httpx

from tests.histories import OTHER_TOWN, TOWN, household, move, person
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]

HER = person(2, "Wang Fang")
DEPARTED, ARRIVED = "migration.departed", "migration.arrived"


def departed(id_: str = "o1", permit: str = "P1", on: str = "2024-01-10", **how: Any) -> CloudEvent:
    return says(DEPARTED, id_, {"person": HER, **move(permit)}, on, **how)


def arrived(id_: str = "o2", permit: str = "P1", on: str = "2024-01-12", **how: Any) -> CloudEvent:
    return says(ARRIVED, id_, {"person": HER, **move(permit), **household(OTHER_TOWN, number_="H2")}, on, **how)


async def halves(registry: RegistryWorld) -> list[tuple[str, date, str]]:
    rows = await registry.service.pool.fetch("SELECT half, since, area FROM half_move ORDER BY since")
    return [tuple(row) for row in rows]


async def ask(
    lookups: LookUpWorld, department: str = "public-security", areas: tuple[str, ...] = (), **query: Any
) -> httpx.Response:
    token = lookups.issuer.issue(
        subject="official-7",
        department=department,
        roles=("clerk",),
        purpose="household-registration",
        areas=areas,
    )
    headers = {"authorization": f"Bearer {token}"}
    return await lookups.http.get("/v1/moves/unmatched", params=query, headers=headers)


async def test_a_half_stands_alone_until_the_other_comes_and_again_when_it_is_taken_back(
    registry: RegistryWorld,
) -> None:
    await registry.apply(departed())
    assert await halves(registry) == [("departure", date(2024, 1, 10), OTHER_TOWN)]
    await registry.apply(arrived())
    assert await halves(registry) == []
    await registry.apply(departed("o3", action="annulled", of="o1", minute=1))
    assert await halves(registry) == [("arrival", date(2024, 1, 12), TOWN)]
    await registry.apply(arrived("o4", permit="P2", on="2024-01-13", action="corrected", of="o2", minute=1))
    assert await halves(registry) == [("arrival", date(2024, 1, 13), TOWN)]


async def test_halves_with_two_permits_do_not_meet(registry: RegistryWorld) -> None:
    await registry.apply(arrived(permit="P2"))
    await registry.apply(departed())
    assert [half for half, _, _ in await halves(registry)] == ["departure", "arrival"]


async def test_they_are_listed_with_their_age_oldest_first(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    events = [departed(), arrived(permit="P2")]
    await registry.apply(*events)
    body = (await ask(lookups, limit=1)).json()
    (first,) = body["moves"]
    assert (first["half"], first["permit"], first["area"], body["more"]) == ("departure", "P1", OTHER_TOWN, True)
    assert first["person"] == await registry.reference("public-security", events[0])
    assert first["days"] > 300
    following = (await ask(lookups, after_day=first["since"], after_id=first["id"])).json()
    assert [each["half"] for each in following["moves"]] == ["arrival"]
    assert [each["half"] for each in (await ask(lookups, half="arrival")).json()["moves"]] == ["arrival"]
    rows = await registry.service.pool.fetch("SELECT action, fields FROM access_log")
    assert {(row["action"], *row["fields"]) for row in rows} == {("half-move", "move_permit", "move_area", "move_date")}
    assert b"P1" not in await registry.service.pool.fetchval("SELECT permit FROM half_move WHERE half = 'departure'")


async def test_only_the_callers_own_areas(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(departed(), arrived(permit="P2"))
    here = (await ask(lookups, areas=(OTHER_TOWN[:9],))).json()["moves"]
    assert [each["area"] for each in here] == [OTHER_TOWN]
    assert (await ask(lookups, areas=(OTHER_TOWN[:9],), area=TOWN)).status_code == 404
    assert [each["area"] for each in (await ask(lookups, area=TOWN)).json()["moves"]] == [TOWN]


async def test_nobody_else_is_shown_any(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(departed())
    assert (await ask(lookups, "civil-affairs")).status_code == 403
