"""Which accesses a rule notices, and which it does not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.registry.facts.state import PersonState, Residency
from services.registry.misuse.rules import DAY, HOUR, Access, Limits, Official, close, many

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
LIMITS = Limits(people_an_hour=3, people_a_day=5, without_case_a_day=2, one_person_a_day=2)
TOWN, OTHER = "370102901001", "370102902001"


def access(person: int, minute: float = 0, *, without_case: bool = False) -> Access:
    at = NOON + timedelta(minutes=minute)
    return Access(UUID(int=int(minute * 1000) + 1), at, "housing", "official-7", UUID(int=person), without_case)


def at_home(household: str | None, area: str = TOWN, kind: str = "family", past: str | None = None) -> PersonState:
    since = NOON.date()
    lived = [Residency(area, home, "head", since, kind=kind) for home in (past, household) if home]
    return PersonState(
        household_number=household, household_kind=kind, registered_area=area, residencies=tuple(lived), registered=True
    )


def close_rules(person: int, official: PersonState, seen: PersonState, areas: tuple[str, ...] = ()) -> list[str]:
    return [flag.rule for flag in close(access(person), Official(UUID(int=1), areas, official), seen)]


def test_ones_own_record_is_noticed_and_not_called_a_household() -> None:
    assert close_rules(1, at_home("H1"), at_home("H1")) == ["own-record"]


def test_whoever_lives_with_the_official_is_noticed() -> None:
    assert close_rules(2, at_home("H1"), at_home("H1")) == ["same-household"]
    assert close_rules(2, at_home("H1"), at_home("H2")) == []


def test_whoever_lived_at_the_same_address_is_noticed_as_that() -> None:
    assert close_rules(2, at_home("H1"), at_home("H2", past="H1")) == ["same-address"]
    assert close_rules(2, at_home("H1", past="H3"), at_home("H2", past="H3")) == ["same-address"]
    assert close_rules(2, at_home("H1"), at_home("H1", area=OTHER)) == [], "a number of another area is another home"


def test_a_dormitory_is_no_home_that_people_share_by_choice() -> None:
    assert close_rules(2, at_home("H1", kind="collective"), at_home("H1", kind="collective")) == []


def test_nobody_shares_a_household_that_is_not_known() -> None:
    assert close_rules(2, at_home(None), at_home(None)) == []


def test_whoever_is_registered_outside_the_officials_areas_is_noticed() -> None:
    assert close_rules(2, at_home("H1"), at_home("H2"), ("370102902",)) == ["outside-areas"]
    assert close_rules(2, at_home("H1"), at_home("H2"), ("370102901", "44")) == []
    assert close_rules(2, at_home("H1"), at_home("H2")) == []


def noticed(*accesses: Access) -> list[tuple[str, int]]:
    return [(flag.rule, flag.access.person.int) for flag in many(accesses, LIMITS)]


def test_more_people_in_an_hour_than_the_limit_are_noticed_and_the_same_one_counts_once() -> None:
    assert noticed(*(access(n, n) for n in (1, 2, 3))) == []
    assert noticed(*(access(n, n) for n in (1, 2, 3, 4))) == [("many-in-an-hour", 4)]
    assert noticed(access(1, 0), access(2, 1), access(3, 2), access(4, 60)) == [], "the first is an hour ago"


def test_more_people_in_a_day_than_the_limit_are_noticed() -> None:
    assert noticed(*(access(n, n * 61) for n in range(5))) == []
    assert noticed(*(access(n, n * 61) for n in range(6))) == [("many-in-a-day", 5)]


def test_many_on_whom_the_department_reported_nothing_are_noticed() -> None:
    assert noticed(*(access(n, n * 61, without_case=n > 1) for n in range(4))) == []
    assert noticed(*(access(n, n * 61, without_case=n > 0) for n in range(4))) == [("without-case", 3)]


def test_looking_at_one_person_again_and_again_is_noticed() -> None:
    assert noticed(access(1, 0), access(1, 1)) == []
    assert noticed(access(1, 0), access(1, 1), access(1, 2)) == [("same-person-again", 1)]
    assert noticed(access(1, 0), access(1, 1), access(1, 24 * 60)) == []


MOMENTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2_000)), max_size=25)


@given(MOMENTS)
def test_the_sliding_windows_say_what_counting_each_anew_says(moments: list[tuple[int, int]]) -> None:
    accesses = [access(person, minute) for person, minute in sorted(moments, key=lambda each: each[1])]
    found = {
        (flag.rule, n)
        for n in range(len(accesses))
        for flag in list(many(accesses[: n + 1], LIMITS))
        if flag.access is accesses[n]
    }
    wanted = set()
    for n, last in enumerate(accesses):
        before = accesses[: n + 1]
        for rule, span, limit in (("many-in-an-hour", HOUR, 3), ("many-in-a-day", DAY, 5)):
            if len({each.person for each in before if last.at - each.at < span}) > limit:
                wanted.add((rule, n))
        if sum(each.person == last.person and last.at - each.at < DAY for each in before) > 2:
            wanted.add(("same-person-again", n))
    assert found == wanted
