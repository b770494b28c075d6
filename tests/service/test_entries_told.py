"""What a department reads on its feed is what the contract's documents say of it."""

from typing import Any

from shared.auth.issuer import Issuer
from shared.contracts.entries import ENTRIES
from tests.departments_world import Line
from tests.histories import birth, household, person
from tests.registry_world import RegistryWorld, looking_up, says
from tests.reviews_world import Desk
from tests.service.test_merges import merged, questioned

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments", "tests.reviews"]

WHO, ALSO = person(2, "Wang Fang"), person(2, "Wang Fang", also=[{"type": "passport", "value": "E1"}])
ONE_OF_TWO, OTHER_OF_TWO = (
    says("household.registered", f"t{n}", {"person": person(n, "Li Wei"), **household(number_=f"T{n}")}, "2024-01-10")
    for n in (11, 13)
)
BY_PASSPORT = WHO | {"identifiers": [{"type": "passport", "value": "E1"}]}


async def test_every_entry_told_keeps_the_model_of_its_type(
    line: Line, registry: RegistryWorld, issuer: Issuer
) -> None:
    registered = says("household.registered", "h1", {"person": WHO, **household()})
    annulled = says("household.registered", "h2", {"person": WHO, **household()}, action="annulled", of="missing")
    moved = says("migration.departed", "d1", {"person": BY_PASSPORT, "permit_number": "P1", "from_area": "110105",
                 "to_area": "110106"})  # fmt: skip
    same = says("household.registered", "h3", {"person": ALSO, **household()})
    born = says("birth.certified", "b1", birth(WHO), "2024-02-01")
    await line.report(registered, annulled, moved)
    await line.report(same, born)  # in one page with the others, nobody would have been two people
    renamed = WHO | {"name": "Wang Fen"}
    await line.report(
        says(
            "household.registered", "h4", {"person": renamed, **household()}, "2024-01-20", action="corrected", of="h1"
        ),
        says("birth.certified", "b2", birth(WHO), "2024-02-01", action="annulled", of="b1", minute=1),
    )
    await line.report(ONE_OF_TWO)
    await line.report(OTHER_OF_TWO)
    async with looking_up(registry, issuer) as api:
        desk = Desk(registry, api)
        _, former = await merged(desk, ONE_OF_TWO, OTHER_OF_TWO)
        await line.rest()
        await desk.decide(await questioned(desk, former), "undo", who={"subject": "clerk-2"})
    await line.rest()
    models = {entry.type: entry.model for entry in ENTRIES}
    told: list[dict[str, Any]] = [*await line.feed("public-security"), *await line.feed("health")]
    for each in told:
        assert models[each["type"]].model_validate(each["data"]), each["type"]
    assert {each["type"] for each in told} == set(models) - {"cn.tenfold.intake.refused.v1"}
    assert {each["data"].get("status") for each in told} >= {"applied", "held"}
