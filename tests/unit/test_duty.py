"""Which facility is on duty for an area on a day."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.facilities.duty import Facilities, Facility, Held, changed
from services.alerts.facilities.provisioned import first_staff
from shared.identifiers.areas import Area, AreaTable
from shared.sharing.provisioning import ProvisioningRefused

DAY = date(2026, 6, 30)
NEXT = DAY + timedelta(days=1)
TOWN, VILLAGE = "370102901000", "370102901001"


def facility(code: str, *serves: object) -> Facility:
    """A facility that serves these."""
    return Facility.model_validate({"code": code, "zh": code, "en": code, "serves": list(serves)})


def dated(prefix: str, begins: date | None, until: date | None) -> dict[str, object]:
    """A prefix with its days."""
    return {"prefix": prefix, "from": begins, "until": until}


def two_in_a_row(areas: AreaTable | None = None) -> Facilities:
    """One town, served by A until a day and by B from the next."""
    county = facility("COUNTY", "370102")
    old, new = facility("A", dated("370102901", None, DAY)), facility("B", dated("370102901", NEXT, None))
    return Facilities([county, old, new], areas)


def test_the_first_and_the_last_day_are_served() -> None:
    facilities = two_in_a_row()
    assert (facilities.on_duty(VILLAGE, DAY), facilities.on_duty(VILLAGE, NEXT)) == ("A", "B")


def test_between_two_facilities_the_county_catches_it() -> None:
    facilities = Facilities([facility("COUNTY", "370102"), facility("A", dated("370102901", None, DAY))])
    assert facilities.on_duty(VILLAGE, NEXT) == "COUNTY"


def test_no_prefix_is_served_twice_on_any_day() -> None:
    with pytest.raises(ValueError, match="same prefix"):
        Facilities([facility("A", dated("370102901", None, NEXT)), facility("B", dated("370102901", NEXT, None))])
    with pytest.raises(ValueError, match="same prefix"):
        Facilities([facility("A", "370102901"), facility("B", dated("370102901", NEXT, NEXT))])


def test_a_prefix_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        facility("A", dated("370102901", NEXT, DAY))


def test_open_work_stays_where_it_is_when_nobody_serves_the_place_any_more() -> None:
    facilities = Facilities([facility("A", dated("370102901", None, DAY)), facility("B", "370102902")])
    assert facilities.keeps(Held("A", VILLAGE), VILLAGE, NEXT) == "A"
    assert facilities.keeps(Held(None, None), VILLAGE, NEXT) is None
    assert facilities.keeps(Held("A", VILLAGE), "440305000000", NEXT) is None
    assert facilities.keeps(Held("A", VILLAGE), None, NEXT) is None


def test_a_facility_that_is_gone_keeps_nothing() -> None:
    facilities = Facilities([facility("B", "370102902")])
    assert facilities.keeps(Held("A", VILLAGE), VILLAGE, NEXT) is None


def test_the_people_of_a_merged_area_belong_where_their_area_went() -> None:
    ended = Area(code=VILLAGE, zh="旧", en="Old", valid_until=NEXT, successors=("370102902001",))
    areas = AreaTable((ended, Area(code="370102902001", zh="新", en="New")))
    facilities = Facilities([facility("A", "370102901"), facility("B", "370102902")], areas)
    assert (facilities.on_duty(VILLAGE, DAY), facilities.on_duty(VILLAGE, NEXT)) == ("A", "B")
    assert facilities.ending(DAY, NEXT) == [VILLAGE]


def test_an_area_whose_successor_nobody_serves_stays_with_whoever_serves_its_old_code() -> None:
    ended = Area(code=VILLAGE, zh="旧", en="Old", valid_until=NEXT, successors=("370103001001",))
    areas = AreaTable((ended, Area(code="370103001001", zh="新", en="New")))
    assert Facilities([facility("A", "370102901")], areas).on_duty(VILLAGE, NEXT) == "A"


def test_the_facility_of_the_county_answers_for_what_nobody_serves() -> None:
    facilities = two_in_a_row()
    assert [facilities.catches(code, DAY) for code in ("COUNTY", "A", "B", "unknown")] == [True, False, False, False]
    without = Facilities([facility("A", "370102901")])
    assert (without.catches("A", DAY), without.catches("unknown", DAY)) == (True, False)


def test_stored_lines_say_the_same_as_the_file() -> None:
    facilities = two_in_a_row()
    again = Facilities.stored(facilities.lines)
    assert (again.lines, again.served(NEXT)) == (facilities.lines, facilities.served(NEXT))


def test_only_the_outermost_prefixes_that_changed_are_looked_at() -> None:
    assert changed({"370102": "C", "370102901": "A"}, {"370102": "D", "370102901": "B"}) == ["370102"]
    assert changed({"370102": "C"}, {"370102": "C"}) == []


PREFIXES = st.sampled_from(["37", "3701", "370102", "370102901", "370102901001", "370102902"])


@given(st.dictionaries(PREFIXES, st.sampled_from("ABC")), st.sampled_from([TOWN, VILLAGE, "370102902003", "440305"]))
def test_the_longest_prefix_decides(serving: dict[str, str], area: str) -> None:
    facilities = Facilities([facility(code, *[p for p, c in serving.items() if c == code]) for code in "ABC"])
    longest = max((prefix for prefix in serving if area.startswith(prefix)), key=len, default=None)
    assert facilities.on_duty(area, DAY) == (serving[longest] if longest else None)


@given(st.dictionaries(PREFIXES, st.sampled_from("ABC")), st.dictionaries(PREFIXES, st.sampled_from("ABC")))
def test_where_the_facility_changed_lies_in_a_prefix_that_is_looked_at(
    before: dict[str, str], after: dict[str, str]
) -> None:
    def on_duty(serving: dict[str, str], area: str) -> str | None:
        served = [facility(code, *[p for p, c in serving.items() if c == code]) for code in "ABC"]
        return Facilities(served).on_duty(area, DAY)

    for area in ("370102901001", "370102901002", "370102902001", "370103001001"):
        if on_duty(before, area) != on_duty(after, area):
            assert any(area.startswith(prefix) for prefix in changed(before, after))


def test_first_staff_is_of_a_provisioned_facility(tmp_path: Path) -> None:
    facilities = two_in_a_row()
    assert first_staff(tmp_path, facilities) == []
    (tmp_path / "staff.yaml").write_text("staff:\n  - {facility: A, subject: head}\n  - {facility: X, subject: head}\n")
    with pytest.raises(ProvisioningRefused, match="/staff/1/facility"):
        first_staff(tmp_path, facilities)
    (tmp_path / "staff.yaml").write_text("staff:\n  - {facility: A, subject: head, from: 2026-07-01}\n")
    (head,) = first_staff(tmp_path, facilities)
    assert (head.role, head.begins) == ("supervisor", NEXT)


def test_other_counties_are_elsewhere_to_who_serves_one_and_what_is_not_provisioned_any_more_is_not() -> None:
    one, other = facility("ONE", "370102"), facility("OTHER", "440305")
    former = facility("A", dated("370102901", None, DAY))
    facilities = Facilities([one, other, former, facility("B", "440305901")])
    assert facilities.elsewhere("ONE", NEXT) == ["B", "OTHER"]
    assert facilities.elsewhere("OTHER", NEXT) == ["A", "ONE"]
    assert facilities.elsewhere("B", NEXT) is None
    assert Facilities([facility("ALL", "37"), former, one]).elsewhere("ALL", NEXT) == []
