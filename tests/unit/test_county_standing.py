"""How the county itself knows that somebody is widowed."""

from dataclasses import replace
from datetime import date

import pytest

from deploy.tenfold.county.standing import Living, standing

HER, HIM = 1, 2


def fact(type_name: str, day: str, role: str = "person") -> Living:
    """What a report says of her."""
    roles = {"spouse_1": HER, "spouse_2": HIM} if type_name.startswith("marriage") else {"person": HER}
    said: dict[str, object] = {"name": None, "sex": None, "birth_date": None, "identifiers": []}
    return Living("civil-affairs", type_name, role, said, {"effective_on": day}, f"{day}T08:00:00Z", roles)


MARRIED = fact("marriage.registered", "2026-02-03", "spouse_1")


@pytest.mark.parametrize(
    ("also", "his_death", "status"),
    [
        ([], "2026-02-20", "widowed"),
        ([], "2026-02-01", "married"),
        ([fact("death.certified", "2026-02-19")], "2026-02-20", "married"),
        ([fact("marriage.dissolved", "2026-02-10", "spouse_1")], "2026-02-09", "divorced"),
    ],
)
def test_the_death_of_a_spouse_ends_a_marriage_for_who_outlives_it(
    also: list[Living], his_death: str, status: str
) -> None:
    """Not one before the wedding, nor one after her own death; what is registered later stands."""
    found = standing([MARRIED, *also], {HIM: date.fromisoformat(his_death).isoformat()})
    assert found["civil_status"] == status
    assert ("spouse" in found) == (status == "married")


@pytest.mark.parametrize(
    ("left", "area", "household"), [("370102", "370102901001", "H1"), ("370102901002", "370102901002", None)]
)
def test_who_departs_counts_where_the_departure_says(left: str, area: str, household: str | None) -> None:
    """From elsewhere than the register has them: nobody knows of which household there."""
    entered = fact("household.registered", "2026-02-01")
    entered = replace(
        entered, data={**entered.data, "household": {"number": "H1", "area": area_of(1), "relation": "head"}}
    )
    departed = fact("migration.departed", "2026-02-09")
    departed = replace(departed, data={**departed.data, "from_area": left})
    found = standing([entered, departed], {})
    assert (found["registered_area"], found.get("household_number")) == (area, household)
    assert found["residence"] == "departed"


def area_of(community: int) -> str:
    """A community of the county."""
    return f"370102901{community:03}"
