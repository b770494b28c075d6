"""The whole catalogue through the registry on PostgreSQL: every example is applied, empty dwellings too, and two
resident numbers become one person by law alone."""

from datetime import date
from typing import Any

import pytest

from deploy.tenfold.county import County, example, generate
from services.registry.facts.page import AMBIGUOUS
from shared.contracts.catalogue import TYPES
from tests.histories import TOWN, household, number, person
from tests.registry_world import CloudEvent, RegistryWorld, receipt_of, says

pytest_plugins = ["tests.registry"]

WHO = person(2, "Wang Fang")
RENAMED = person(4, "Wang Fan")


@pytest.fixture(scope="module")
def county() -> County:
    return generate(2_000)


def registered(id_: str, who: dict[str, Any]) -> CloudEvent:
    return says("household.registered", id_, {"person": who, **household()}, "2020-01-01")


def changed(id_: str = "i1", **how: Any) -> CloudEvent:
    becomes = {"identifiers": [number(4)], "name": "Wang Fan", "sex": "female", "birth_date": WHO["birth_date"]}
    return says("identity.changed", id_, {"person": WHO, "becomes": becomes, "decision_number": id_}, **how)


def dwelling(id_: str, *occupants: dict[str, Any], **how: Any) -> CloudEvent:
    said: dict[str, Any] = {"dwelling": {"number": "F1", "area": TOWN}}
    if occupants:
        said["occupants"] = list(occupants)
    return says("dwelling.registered", id_, said, **how)


async def outcomes(registry: RegistryWorld) -> dict[str, tuple[str, str | None]]:
    return {e["receipt"]: (e["status"], e["reason"]) for e in await registry.told(kind="outcome")}


async def test_an_example_of_every_type_is_applied(registry: RegistryWorld, county: County) -> None:
    for entry in TYPES:
        event: CloudEvent = example(entry.name, county, date(2026, 3, 1), "one")
        await registry.apply(event)
        assert (await outcomes(registry))[str(receipt_of(event))] == ("applied", None), entry.name


async def test_a_dwelling_that_nobody_occupies_is_applied_with_no_people(registry: RegistryWorld) -> None:
    await registry.apply(dwelling("d1"))
    (told,) = await registry.told(kind="outcome")
    assert (told["status"], told["people"]) == ("applied", {})
    assert await registry.count("person") == 0
    await registry.apply(dwelling("d1"))
    assert await registry.count("vital_event") == 1


async def test_its_corrections_bring_occupants_in_and_take_them_out(registry: RegistryWorld) -> None:
    await registry.apply(dwelling("d1"))
    await registry.apply(dwelling("d2", WHO, action="corrected", of="d1", minute=1))
    assert (await registry.named("Wang Fang")).identity_number == number(2)["value"]
    await registry.apply(dwelling("d3", action="corrected", of="d2", minute=2))
    states, _ = await registry.people()
    assert [state.name for state in states.values()] == [None]


async def test_a_correction_that_was_overtaken_by_an_empty_one_says_nothing(registry: RegistryWorld) -> None:
    await registry.apply(dwelling("d1"))
    await registry.apply(dwelling("d2", action="corrected", of="d1", minute=2))
    await registry.apply(dwelling("d3", WHO, action="corrected", of="d1", minute=1))
    states, _ = await registry.people()
    assert [state.name for state in states.values()] == [None]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
async def test_a_change_by_law_makes_two_numbers_one_person(registry: RegistryWorld, order: tuple[int, ...]) -> None:
    events = [registered("h1", WHO), registered("h2", RENAMED), changed()]
    for place in order:
        await registry.apply(events[place])
    (state,) = (await registry.people())[0].values()
    assert (state.name, state.identity_number) == ("Wang Fan", number(4)["value"])
    assert await registry.count("held_event") == 0


async def test_without_the_law_two_numbers_go_to_a_clerk(registry: RegistryWorld) -> None:
    both = says("insurance.enrolled", "e1", {"person": WHO | {"identifiers": [number(2), number(4)]}, "scheme": "x"})
    await registry.apply(registered("h1", WHO), both)
    assert (await outcomes(registry))[str(receipt_of(both))] == ("held", AMBIGUOUS)


async def test_an_annulled_change_by_law_that_holds_two_numbers_together_goes_to_a_clerk(
    registry: RegistryWorld,
) -> None:
    await registry.apply(registered("h1", WHO), changed(), registered("h2", RENAMED))
    annulled = changed("i2", action="annulled", of="i1", minute=1)
    await registry.apply(annulled)
    assert (await outcomes(registry))[str(receipt_of(annulled))] == ("held", AMBIGUOUS)
    assert await registry.count("person") == 1
