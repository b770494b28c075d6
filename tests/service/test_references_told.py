"""The exchange is told a person's references only for those who may have to hear: it joins no more than it must."""

from typing import Any

import msgspec

from services.registry.sharing.handlers import Sharing
from shared.auth.caller import DEPARTMENTS
from shared.db import transaction
from shared.feed.follow import FeedEntry
from tests.histories import START, birth, certificate, household, number, person
from tests.registry_world import RegistryWorld, agreements_told, receipt_of, says

pytest_plugins = ["tests.registry"]

REGISTERING = {"public-security", "civil-affairs", "health"}  # of some field each: they alone may hear of everyone
WHO, MOTHER = person(1, "Li Wei"), person(2, "Wang Fang")
SETTLED = says("household.registered", "h1", {"person": WHO, **household()}, "2020-01-01")
SCHOOL = {"number": "S1", "area": "110105"}


def enrolled(id_: str, child: dict[str, Any]) -> dict[str, Any]:
    return says("enrolment.registered", id_, {"child": child, "school": SCHOOL}, "2024-03-01")


async def receivers(registry: RegistryWorld) -> set[str]:
    """Whose references the person told of last has."""
    return set((await registry.told(kind="person"))[-1]["references"])


async def test_of_whom_only_the_register_knows_nobody_hears_but_who_registers(registry: RegistryWorld) -> None:
    await registry.apply(SETTLED)
    assert await receivers(registry) == REGISTERING < DEPARTMENTS


async def test_who_has_reported_on_somebody_hears_also_after_taking_it_back(registry: RegistryWorld) -> None:
    await registry.apply(SETTLED, enrolled("e1", WHO))
    assert await receivers(registry) == REGISTERING | {"education"}
    taken_back = says(
        "enrolment.registered", "e2", {"child": WHO, "school": SCHOOL}, "2024-03-01", action="annulled", of="e1"
    )
    await registry.apply(taken_back)
    await registry.apply(says("household.registered", "h2", {"person": WHO, **household(number_="H2")}, "2021-01-01"))
    assert await receivers(registry) == REGISTERING | {"education"}


async def test_who_asked_for_a_case_hears_also_when_the_person_turns_out_to_be_another(registry: RegistryWorld) -> None:
    child = {"identifiers": [certificate("C1")], "name": "Li An", "sex": "female", "birth_date": "2024-02-01"}
    await registry.apply(says("birth.certified", "b1", birth(MOTHER, name="Li An"), "2024-02-01"))
    await registry.apply(says("household.registered", "h3", {"person": child | {"identifiers": [number(5)]},
                                                             **household()}, "2024-02-20"))  # fmt: skip
    asked = {
        "kind": "case-asked", "case": str(receipt_of(SETTLED)), "department": "housing",
        "purpose": "service-delivery", "agreement": "housing-public-rental", "until": "2999-12-31",
        "subject": "official-7", "identifier": number(5),
    }  # fmt: skip
    async with transaction(registry.service.pool) as connection:
        entry = FeedEntry(99, receipt_of(SETTLED), START, msgspec.Raw(msgspec.json.encode(asked)))
        told = [*agreements_told(registry.service.settings.provisioning), entry]
        await Sharing(registry.folding).handle(connection, told)
    assert await receivers(registry) == {"housing"}, "the one who asked is told everything"
    both = child | {"identifiers": [number(5), certificate("C1")]}
    await registry.apply(says("household.registered", "h4", {"person": both, **household(number_="H4")}, "2024-03-01"))
    assert len(await registry.told(kind="merged")) == 1
    assert await receivers(registry) == REGISTERING | {"housing"}


async def test_a_correction_is_told_for_all_for_anyone_may_have_looked_up_the_wrong_value(
    registry: RegistryWorld,
) -> None:
    await registry.apply(SETTLED)
    right = {"person": WHO | {"name": "Li Wen"}, **household()}
    await registry.apply(says("household.registered", "h2", right, "2020-01-01", action="corrected", of="h1", minute=1))
    assert await receivers(registry) == DEPARTMENTS
