"""Area codes and the provisioned table of areas."""

from datetime import date
from pathlib import Path

import pytest

from shared.identifiers.areas import Area, AreaCode, AreaTable, Level
from shared.identifiers.errors import InvalidIdentifier

AREAS = Path(__file__).parents[2] / "deploy" / "provisioning" / "areas.yaml"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("370000", Level.PROVINCE),
        ("370100", Level.CITY),
        ("371000", Level.CITY),
        ("370102", Level.COUNTY),
        ("370110", Level.COUNTY),
        ("370102901000", Level.TOWNSHIP),
        ("370102100000", Level.TOWNSHIP),
        ("370102901010", Level.COMMUNITY),
    ],
)
def test_a_code_tells_its_level(text: str, level: Level) -> None:
    assert AreaCode.parse(text).level is level
    assert str(AreaCode.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "37010", "3701021", "37010x", "３70102", "370102 01000", "000000", "3701020010010"]
)
def test_a_malformed_code_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        AreaCode.parse(text)
    assert not text or text not in str(caught.value)


def test_a_county_has_one_spelling() -> None:
    assert AreaCode.parse("370102000000") == AreaCode.parse("370102")


def test_parents_run_from_the_nearest_outwards() -> None:
    around = AreaCode.parse("370102901003").parents()
    assert [str(code) for code in around] == ["370102901000", "370102", "370100", "370000"]
    assert AreaCode.parse("370000").parents() == ()


def test_a_city_without_counties_stands_in_for_its_own() -> None:
    around = AreaCode.parse("441900003001").parents()
    assert [str(code) for code in around] == ["441900003000", "441900", "440000"]


def test_an_area_lies_within_itself_and_its_parents_only() -> None:
    community = AreaCode.parse("370102901003")
    assert all(community.within(outer) for outer in (community, *community.parents()))
    assert not community.within(AreaCode.parse("370102902000"))
    assert not AreaCode.parse("370102").within(community)


def test_the_provisioned_table_holds_the_parents_of_every_area() -> None:
    table = AreaTable.load(AREAS)
    assert len(table) == len(list(table))
    for code in table:
        assert all(str(outer) in table for outer in AreaCode.parse(code).parents())
    assert all(successor in table for area in table.values() for successor in area.successors)


def test_everything_below_a_county_is_marked_as_made_up() -> None:
    for code, area in AreaTable.load(AREAS).items():
        assert area.synthetic == (AreaCode.parse(code).level in (Level.TOWNSHIP, Level.COMMUNITY))


def test_a_code_is_not_for_ever() -> None:
    table = AreaTable.load(AREAS)
    old = table["370181"]
    assert old.valid_on(date(2015, 12, 31))
    assert not old.valid_on(date(2016, 1, 1))
    assert not old.valid_on(date(1991, 12, 31))
    assert table["370114"].valid_on(date(2016, 1, 1))
    assert table["370000"].valid_on(date(1950, 1, 1))


def test_areas_of_a_level_are_found_below_another() -> None:
    table = AreaTable.load(AREAS)
    townships = table.below("370102", Level.TOWNSHIP)
    assert len(townships) == 4
    assert all(table.below(area.code, Level.COMMUNITY) for area in townships)


def test_a_code_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        AreaTable((Area(code="370102", zh="甲", en="A"), Area(code="370102000000", zh="乙", en="B")))


REORGANISED = AreaTable(
    (
        Area(code="370102", zh="甲", en="A", valid_until=date(2020, 1, 1), successors=("370103",)),
        Area(code="370103", zh="乙", en="B"),
        Area(code="370103901000", zh="丙", en="C"),
        Area(code="370103901004", zh="丁", en="D", valid_until=date(2022, 1, 1), successors=("370103901005",)),
        Area(code="370103901005", zh="戊", en="E"),
        Area(
            code="370103901006",
            zh="己",
            en="F",
            valid_until=date(2022, 1, 1),
            successors=("370103901007", "370103901008"),
            households={"370103901008": ("H-8",)},
        ),
        Area(code="370103901007", zh="庚", en="G"),
        Area(code="370103901008", zh="辛", en="H"),
    )
)


@pytest.mark.parametrize(
    ("code", "day", "household", "expected"),
    [
        ("370103901004", date(2021, 12, 31), None, "370103901004"),
        ("370103901004", date(2022, 1, 1), None, "370103901005"),
        ("370103901006", date(2022, 1, 1), "H-1", "370103901007"),
        ("370103901006", date(2022, 1, 1), "H-8", "370103901008"),
        ("370103901006", date(2022, 1, 1), None, "370103901007"),
        # The county was renamed: what lies in it keeps its last digits where such a code is known, and goes on from it.
        ("370102901000", date(2019, 12, 31), None, "370102901000"),
        ("370102901000", date(2020, 1, 1), None, "370103901000"),
        ("370102901006", date(2022, 1, 1), "H-8", "370103901008"),
        ("370102777000", date(2020, 1, 1), None, "370103"),
        ("440305", date(2022, 1, 1), None, "440305"),
    ],
)
def test_a_place_keeps_its_people_when_its_code_changes(
    code: str, day: date, household: str | None, expected: str
) -> None:
    assert REORGANISED.at(code, day, household) == expected
