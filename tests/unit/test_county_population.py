"""The base population is a plausible county, and only a county: the same one whenever it is made."""

import random
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from deploy.tenfold.county import County, facilities, generate, names, registrations
from deploy.tenfold.county.population import Numbers
from deploy.tenfold.county.pyramid import CENSUS_2020, age_on, years_before
from deploy.tenfold.county.values import REFERENCE, Resident
from shared.contracts.judge import judge
from shared.identifiers.areas import AreaCode
from shared.identifiers.resident import parse

PEOPLE = 6_000
EVE = REFERENCE - timedelta(days=1)


@pytest.fixture(scope="module")
def county() -> County:
    return generate(PEOPLE, seed=7)


def _age(who: Resident) -> int:
    return age_on(who.birth_date, EVE)


def test_there_are_exactly_as_many_people_as_asked(county: County) -> None:
    assert len(county.people) == PEOPLE
    assert [who.index for who in county.people] == list(range(PEOPLE))


def test_every_identity_number_is_valid_unique_and_agrees_with_its_holder(county: County) -> None:
    assert len(county.identity_numbers) == PEOPLE
    for who in county.people:
        number = parse(who.identity_number, today=EVE)
        assert (number.birth_date, number.sex) == (who.birth_date, who.sex)


def test_the_census_table_has_the_published_sums() -> None:
    def share(first: int, last: int) -> float:
        return sum(men + women for age, men, women in CENSUS_2020 if first <= age < last)

    published = {(0, 15): 17.95, (15, 60): 63.35, (60, 999): 18.70, (65, 999): 13.50}
    for ages, per_cent in published.items():
        assert share(*ages) == pytest.approx(per_cent, abs=0.1)
    assert sum(men for _, men, _ in CENSUS_2020) == pytest.approx(51.24, abs=0.1)


def test_ages_and_sexes_follow_the_census(county: County) -> None:
    counted = Counter((_age(who) // 5 * 5, who.sex) for who in county.people)
    for age, men, women in CENSUS_2020:
        assert counted[age, "male"] == pytest.approx(PEOPLE * men / 100, abs=2)
        assert counted[age, "female"] == pytest.approx(PEOPLE * women / 100, abs=2)


def test_everyone_lives_in_exactly_one_household(county: County) -> None:
    members = [member for home in county.households for member in home.members]
    assert sorted(members) == list(range(PEOPLE))
    for home in county.households:
        assert all(county.people[member].household == home.index for member in home.members)
    assert len({home.number for home in county.households}) == len(county.households)


def test_a_family_has_one_grown_up_head_and_a_collective_household_none(county: County) -> None:
    for home in county.households:
        relations = Counter(county.people[member].relation for member in home.members)
        if home.kind == "collective":
            assert set(relations) == {"other"}
        else:
            assert relations["head"] == 1
            assert relations["spouse"] <= 1
            assert _age(county.people[home.members[0]]) >= 18
    assert {home.kind for home in county.households} == {"family", "collective"}


def test_families_are_as_large_as_the_census_found_them(county: County) -> None:
    sizes = [len(home.members) for home in county.households if home.kind == "family"]
    assert sum(sizes) / len(sizes) == pytest.approx(2.62, abs=0.15)  # census 2020, communiqué no. 2


def test_parents_are_old_enough_and_siblings_far_enough_apart(county: County) -> None:
    for who in county.people:
        if who.mother is not None:
            mother = county.people[who.mother]
            assert mother.sex == "female"
            assert 20 <= age_on(mother.birth_date, who.birth_date) <= 42
        if who.father is not None:
            father = county.people[who.father]
            assert father.sex == "male"
            assert age_on(father.birth_date, who.birth_date) >= 18
    for children in county.children_of.values():
        born = sorted(county.people[child].birth_date for child in children)
        assert all(later - earlier >= timedelta(days=300) for earlier, later in pairwise(born))


def test_spouses_name_each_other_and_may_marry(county: County) -> None:
    married = [who for who in county.people if who.spouse is not None]
    assert len(married) > PEOPLE / 3
    for who in married:
        assert who.spouse is not None
        spouse = county.people[who.spouse]
        assert spouse.spouse == who.index
        assert spouse.sex != who.sex
        assert _age(who) >= (22 if who.sex == "male" else 20)
        assert abs(who.birth_date - spouse.birth_date) < timedelta(days=366 * 10)


def test_every_small_child_has_parents_and_lives_in_a_family(county: County) -> None:
    children = [who for who in county.people if _age(who) < 14]
    assert sum(who.mother is None for who in children) <= len(children) * 0.01
    assert all(county.home(who).kind == "family" for who in children)


def test_surnames_are_as_common_as_in_the_register(county: County) -> None:
    counted = Counter(names.surname_of(who.name) for who in county.people)
    assert sum(counted[surname] for surname in "王李张刘陈") / PEOPLE == pytest.approx(0.308, abs=0.06)
    with_father = [who for who in county.people if who.father is not None]
    own = sum(
        names.surname_of(who.name) == names.surname_of(county.people[who.father or 0].name) for who in with_father
    )
    assert own / len(with_father) > 0.88


def test_every_name_has_a_surname_and_one_or_two_characters_more(county: County) -> None:
    for who in county.people:
        assert 1 <= len(who.name) - len(names.surname_of(who.name)) <= 2


def test_some_households_are_kept_for_the_examples(county: County) -> None:
    reserved = [home for home in county.households if home.reserved]
    assert 0.02 < len(reserved) / len(county.households) < 0.1
    assert all(home.kind == "family" for home in reserved)


def test_every_community_has_a_facility_on_duty_and_a_stranger_has_none(county: County) -> None:
    codes = {facility.code for facility in facilities()}
    on_duty = {county.facility_for(area) for area in county.communities}
    assert on_duty <= codes
    assert len(on_duty) > 1, "a move must be able to change the facility"
    assert county.facility_for("370102") in codes - on_duty
    assert county.facility_for("370103") is None
    assert all(AreaCode.parse(home.area) for home in county.households)


def test_each_person_is_registered_once_and_each_registration_is_valid(county: County) -> None:
    reports = list(registrations(county))
    assert len(reports) == PEOPLE
    assert len({report.cloud_event["id"] for report in reports}) == PEOPLE
    assert len({report.cloud_event["subject"] for report in reports}) == PEOPLE
    for report in reports:
        judged = judge(report.cloud_event, report.department)
        assert judged.envelope.time.date() < REFERENCE
        assert judged.data.effective_on < REFERENCE


def test_the_same_seed_makes_the_same_county_and_another_does_not() -> None:
    assert generate(300, seed=7) == generate(300, seed=7)
    assert list(registrations(generate(300, seed=7))) == list(registrations(generate(300, seed=7)))
    assert generate(300, seed=7).people != generate(300, seed=8).people


@pytest.mark.parametrize("people", [1, 2, 3, 10, 57])
def test_a_tiny_county_is_still_one(people: int) -> None:
    tiny = generate(people)
    assert len(tiny.people) == len(list(registrations(tiny))) == people


def test_a_county_without_people_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one person"):
        generate(0)


def test_a_number_is_given_out_once() -> None:
    numbers = Numbers(random.Random(1))
    given = {numbers.give("370102", date(2000, 1, 1), "female") for _ in range(400)}
    assert len(given) == 400
    assert {parse(number, today=EVE).sex for number in given} == {"female"}


def test_the_day_before_a_leap_day_birthday_is_found() -> None:
    assert years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)
    assert years_before(date(2024, 2, 29), 4) == date(2020, 2, 29)
