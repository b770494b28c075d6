"""What a department reads on its feed is what the contract's documents say of it."""

from typing import Any

from shared.contracts.entries import ENTRIES
from tests.departments_world import Line
from tests.histories import birth, household, person
from tests.registry_world import says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

WHO, ALSO = person(2, "Wang Fang"), person(2, "Wang Fang", also=[{"type": "passport", "value": "E1"}])
BY_PASSPORT = WHO | {"identifiers": [{"type": "passport", "value": "E1"}]}


async def test_every_entry_told_keeps_the_model_of_its_type(line: Line) -> None:
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
    models = {entry.type: entry.model for entry in ENTRIES}
    told: list[dict[str, Any]] = [*await line.feed("public-security"), *await line.feed("health")]
    for each in told:
        assert models[each["type"]].model_validate(each["data"]), each["type"]
    assert {each["type"] for each in told} == set(models) - {"cn.tenfold.intake.refused.v1"}
    assert {each["data"].get("status") for each in told} >= {"applied", "held"}
