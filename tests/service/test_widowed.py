"""A death reaches the spouse who outlives it, whichever report comes first; annulled, everything is as it was."""

from itertools import permutations
from typing import Any

import pytest

from tests.histories import OTHER_TOWN, certificate, household, move, person
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]

HER, HIM, THIRD = person(2, "Wang Fang"), person(1, "Li Wei"), person(3, "Zhao Min")


def registered(id_: str, who: dict[str, Any]) -> CloudEvent:
    return says("household.registered", id_, {"person": who, **household()}, "2019-01-01")


def married(id_: str, other: dict[str, Any], on: str, **how: Any) -> CloudEvent:
    return says("marriage.registered", id_, {"spouses": [HER, other], "certificate_number": id_}, on, **how)


def divorced(id_: str, other: dict[str, Any], on: str) -> CloudEvent:
    return says("marriage.dissolved", id_, {"spouses": [HER, other], "certificate_number": id_}, on)


def died(id_: str, who: dict[str, Any], on: str, **how: Any) -> CloudEvent:
    how = {"department": "health", **how}
    return says("death.certified", id_, {"person": who, "certificate_number": id_}, on, **how)


async def statuses(registry: RegistryWorld) -> dict[str | None, str]:
    return {state.name: state.civil_status for state in (await registry.people())[0].values()}


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_whoever_outlives_is_widowed_in_any_order(registry: RegistryWorld, order: tuple[int, ...]) -> None:
    events = [registered("h1", HER), married("m1", HIM, "2020-01-01"), died("d1", HIM, "2022-01-01")]
    for place in order:
        await registry.apply(events[place])
    assert await statuses(registry) == {"Wang Fang": "widowed", "Li Wei": "married"}
    assert (await registry.named("Wang Fang")).spouse is None


async def test_who_dies_second_dies_widowed_and_who_dies_first_married(registry: RegistryWorld) -> None:
    await registry.apply(married("m1", HIM, "2020-01-01"), died("d1", HIM, "2022-01-01"))
    await registry.apply(died("d2", HER, "2021-01-01"))
    assert await statuses(registry) == {"Wang Fang": "married", "Li Wei": "widowed"}


async def test_a_widow_marries_again(registry: RegistryWorld) -> None:
    await registry.apply(married("m1", HIM, "2020-01-01"), died("d1", HIM, "2022-01-01"))
    await registry.apply(married("m2", THIRD, "2023-01-01"))
    assert (await statuses(registry))["Wang Fang"] == "married"
    await registry.apply(died("d2", THIRD, "2024-01-01"))
    assert (await statuses(registry))["Wang Fang"] == "widowed"


async def test_who_outlives_the_later_of_two_spouses_stays_with_the_earlier(registry: RegistryWorld) -> None:
    await registry.apply(married("m1", HIM, "2010-01-01"), married("m2", THIRD, "2015-01-01"))
    await registry.apply(died("d2", THIRD, "2018-01-01"))
    spouse = (await registry.named("Wang Fang")).spouse
    assert spouse is not None
    assert spouse[1] == "m1"
    await registry.apply(registered("h1", HER))  # of which no marriage is a part
    assert (await registry.named("Wang Fang")).spouse == spouse


async def test_a_death_after_the_divorce_changes_nothing(registry: RegistryWorld) -> None:
    await registry.apply(married("m1", HIM, "2020-01-01"), divorced("m2", HIM, "2021-01-01"))
    await registry.apply(died("d1", HIM, "2022-01-01"))
    assert (await statuses(registry))["Wang Fang"] == "divorced"


async def test_an_annulled_death_brings_everything_back(registry: RegistryWorld) -> None:
    await registry.apply(registered("h1", HER), registered("h2", HIM), married("m1", HIM, "2020-01-01"))
    before, _ = await registry.people()
    await registry.apply(died("d1", HIM, "2022-01-01"), died("d2", HIM, "2022-01-02", department="public-security"))
    dead = await registry.named("Li Wei")
    assert (str(dead.died_on), str(dead.residencies[-1].until)) == ("2022-01-01", "2022-01-01")
    await registry.apply(died("d3", HIM, "2022-01-01", action="annulled", of="d1", minute=1))
    assert str((await registry.named("Li Wei")).died_on) == "2022-01-02"  # another source still says so
    assert (await statuses(registry))["Wang Fang"] == "widowed"
    back = {"action": "annulled", "of": "d2", "minute": 2, "department": "public-security"}
    await registry.apply(died("d4", HIM, "2022-01-02", **back))
    assert (await registry.people())[0] == before
    assert await registry.service.pool.fetchval("SELECT bool_and(until IS NULL) FROM residency")


async def test_a_death_reaches_the_spouse_through_a_number_that_joins_two_people(registry: RegistryWorld) -> None:
    card = {"identifiers": [certificate("C9")]}
    await registry.apply(married("m1", HIM, "2020-01-01"), died("d1", HIM | card, "2022-01-01"))
    assert (await statuses(registry))["Wang Fang"] == "married"
    both = HIM | {"identifiers": [*HIM["identifiers"], certificate("C9")]}
    await registry.apply(says("insurance.enrolled", "i1", {"person": both, "scheme": "basic-pension"}, "2021-01-01"))
    assert (await statuses(registry))["Wang Fang"] == "widowed"


async def test_receivers_hear_it_and_both_time_axes_know_it(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    marriage = married("m1", HIM, "2020-01-01")
    await registry.apply(registered("h1", HER), marriage)
    unknown_yet = await registry.now()
    await registry.apply(died("d1", HIM, "2022-01-01"))
    last = [each for each in await registry.told(kind="person") if each["state"]["name"] == "Wang Fang"][-1]
    assert (set(last["changed"]), last["state"]["civil_status"]) == ({"civil_status", "spouse"}, "widowed")
    path = f"/v1/people/{await registry.reference('civil-affairs', marriage, 'spouse_1')}"
    asked: list[dict[str, Any]] = [
        {},
        {"valid_at": "2021-12-31"},
        {"valid_at": "2022-01-02"},
        {"known_at": unknown_yet},
    ]
    found = [(await lookups.get(path, "civil-affairs", **each)).json()["fields"]["civil_status"] for each in asked]
    assert found == ["widowed", "married", "widowed", "married"]


async def test_moves_are_those_of_the_spouse_alone(registry: RegistryWorld) -> None:
    gone = says("migration.departed", "o1", {"person": HIM, **move(to_area=OTHER_TOWN)}, "2021-01-01")
    await registry.apply(registered("h1", HER), registered("h2", HIM), married("m1", HIM, "2020-01-01"))
    before = await registry.named("Wang Fang")
    await registry.apply(gone)
    assert await registry.named("Wang Fang") == before


async def test_a_timeline_shows_it_from_the_day_of_the_death_for_as_long_as_it_was_known(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(married("m1", HIM, "2020-01-01"))
    await registry.apply(died("d1", HIM, "2022-01-01"))
    reference = await registry.reference("civil-affairs", married("m1", HIM, "2020-01-01"), "spouse_1")

    async def statuses_of() -> list[tuple[object, ...]]:
        found = (await lookups.get(f"/v1/people/{reference}/timeline", "civil-affairs")).json()
        return [
            (step["on"], each["value"], each["said_by"], each["known_until"] is None)
            for step in found["steps"]
            for each in step["changes"]
            if each["field"] == "civil_status"
        ]

    wed, widow = ("2020-01-01", "married", ["civil-affairs"]), ("2022-01-01", "widowed", ["civil-affairs"])
    assert await statuses_of() == [(*wed, True), (*widow, True)]
    await registry.apply(died("d2", HIM, "2022-01-01", action="annulled", of="d1", minute=1))
    assert await statuses_of() == [(*wed, True), (*widow, False)]


async def test_whoever_was_told_widowed_by_a_death_that_was_none_hears_a_correction(registry: RegistryWorld) -> None:
    marriage = married("m1", HIM, "2020-01-01")
    await registry.apply(marriage)
    await registry.apply(died("d1", HIM, "2022-01-01"))
    assert not [told for told in await registry.told(kind="person") if told.get("corrected")]
    await registry.apply(died("d2", HIM, "2022-01-01", action="annulled", of="d1", minute=1))
    hers = await registry.reference("civil-affairs", marriage, "spouse_1")
    (told,) = [
        each
        for each in await registry.told(kind="person")
        if each.get("corrected") and each["references"]["civil-affairs"] == hers
    ]
    assert set(told["corrected"]) == {"civil_status", "spouse"}
    assert told["state"]["civil_status"] == "married"
