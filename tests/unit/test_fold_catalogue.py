"""Divorces, cancelled registrations, stays elsewhere and identities changed by law, in the state of one person."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from services.registry.facts.state import PersonState
from services.registry.facts.values import Fact
from tests.histories import BORN, OTHER_TOWN, TOWN, household, move, number, one, person, report, state_of

WHO, FIRST, SECOND = person(2, "Wang Fang"), person(1, "Li Wei"), person(3, "Zhao Min")
PASSPORT = FIRST | {"identifiers": [{"type": "passport", "value": "E1", "issuer": "CN"}]}


def couple(name: str, id_: str, on: str, spouse: dict[str, Any]) -> Fact:
    data = {"spouses": [spouse, WHO], "certificate_number": id_}
    return report(f"marriage.{name}", id_, data, on)["spouse_2"]


def told(name: str, id_: str, on: str, **data: Any) -> Fact:
    return one(name, id_, {"person": WHO, **data}, on)


def always(facts: list[Fact]) -> PersonState:
    """The state, the same in every order of arrival."""
    (state,) = {repr(state_of(*order)): state_of(*order) for order in permutations(facts)}.values()
    return state


def married_to(state: PersonState) -> tuple[str, str | None]:
    return state.civil_status, state.spouse and state.spouse[1]


class TestDissolution:
    def test_it_ends_the_marriage(self) -> None:
        facts = [couple("registered", "m1", "2010-01-01", FIRST), couple("dissolved", "x1", "2015-01-01", FIRST)]
        assert married_to(always(facts)) == ("divorced", None)
        assert married_to(state_of(facts[0])) == ("married", "m1")

    def test_it_ends_the_marriage_of_that_pair_and_no_later_one(self) -> None:
        facts = [
            couple("registered", "m1", "2010-01-01", FIRST),
            couple("registered", "m2", "2015-01-01", SECOND),
            couple("dissolved", "x1", "2016-01-01", FIRST),
        ]
        assert married_to(always(facts)) == ("married", "m2")

    def test_who_marries_again_is_married(self) -> None:
        facts = [
            couple("registered", "m1", "2010-01-01", FIRST),
            couple("dissolved", "x1", "2015-01-01", FIRST),
            couple("registered", "m2", "2015-01-01", FIRST),
        ]
        assert married_to(always(facts)) == ("married", "m2")

    def test_a_spouse_who_went_by_a_passport_then_is_still_the_spouse(self) -> None:
        facts = [couple("registered", "m1", "2010-01-01", PASSPORT), couple("dissolved", "x1", "2015-01-01", FIRST)]
        assert married_to(always(facts)) == ("divorced", None)

    def test_of_a_marriage_nobody_reported_it_tells_that_there_was_one(self) -> None:
        assert married_to(state_of(couple("dissolved", "x1", "2015-01-01", FIRST))) == ("divorced", None)


class TestCancellation:
    def test_it_ends_the_residency_in_that_household(self) -> None:
        entered = told("household.registered", "h1", "2020-01-01", **household())
        cancelled = told("household.cancelled", "c1", "2021-01-01", household_number="H1")
        state = always([entered, cancelled])
        assert (state.residence, state.registered_area, state.household_number) == (None, None, None)
        assert [(stay.area, stay.until) for stay in state.residencies] == [(TOWN, date(2021, 1, 1))]

    def test_it_ends_nothing_in_another_household(self) -> None:
        entered = told("household.registered", "h1", "2020-01-01", **household(OTHER_TOWN, number_="H2"))
        cancelled = told("household.cancelled", "c1", "2021-01-01", household_number="H1")
        assert always([entered, cancelled]).household_number == "H2"

    def test_out_of_one_register_and_into_the_next_on_one_day(self) -> None:
        facts = [
            told("household.registered", "h1", "2020-01-01", **household()),
            told("household.cancelled", "c1", "2021-01-01", household_number="H1"),
            told("household.registered", "h2", "2021-01-01", **household(OTHER_TOWN, number_="H2")),
        ]
        state = always(facts)
        assert [(s.area, s.since, s.until) for s in state.residencies] == [
            (TOWN, date(2020, 1, 1), date(2021, 1, 1)),
            (OTHER_TOWN, date(2021, 1, 1), None),
        ]

    def test_whoever_returns_later_has_a_gap(self) -> None:
        facts = [
            told("household.registered", "h1", "2020-01-01", **household()),
            told("household.cancelled", "c1", "2021-01-01", household_number="H1"),
            told("household.registered", "h2", "2022-01-01", **household()),
        ]
        assert [s.until for s in always(facts).residencies] == [date(2021, 1, 1), None]

    def test_a_move_away_that_is_cancelled_afterwards_is_over(self) -> None:
        facts = [
            told("household.registered", "h1", "2020-01-01", **household()),
            told("migration.departed", "d1", "2021-01-01", **move()),
            told("household.cancelled", "c1", "2021-02-01", household_number="H1"),
        ]
        assert always(facts).residencies[-1].until == date(2021, 2, 1)


class TestStays:
    def registered(self, id_: str, on: str, area: str, stay: str = "R1") -> Fact:
        return told("residence.registered", id_, on, registration_number=stay, current={"area": area})

    def ended(self, id_: str, on: str, stay: str = "R1") -> Fact:
        return told("residence.ended", id_, on, registration_number=stay)

    def test_living_elsewhere_leaves_the_registration_as_it_is(self) -> None:
        home = told("household.registered", "h1", "2020-01-01", **household())
        state = always([home, self.registered("r1", "2021-01-01", OTHER_TOWN)])
        assert (state.registered_area, state.current_area, len(state.residencies)) == (TOWN, OTHER_TOWN, 1)

    def test_a_stay_that_ended_is_no_longer_told(self) -> None:
        facts = [self.registered("r1", "2021-01-01", OTHER_TOWN), self.ended("e1", "2021-06-01")]
        assert always(facts).current_area is None

    def test_of_two_stays_the_one_that_goes_on_is_told(self) -> None:
        facts = [
            self.registered("r1", "2021-01-01", TOWN, "R1"),
            self.registered("r2", "2021-03-01", OTHER_TOWN, "R2"),
            self.ended("e2", "2021-06-01", "R2"),
        ]
        assert always(facts).current_area == TOWN

    def test_the_dead_live_nowhere_else(self) -> None:
        death = one("death.certified", "d1", {"person": WHO, "certificate_number": "d1"}, "2022-01-01")
        assert always([self.registered("r1", "2021-01-01", TOWN), death]).current_area is None


class TestIdentityChanged:
    def changed(self, id_: str, on: str, before: dict[str, Any] = WHO, **becomes: Any) -> Fact:
        said = {"name": "Wang Fan", "sex": "male", "birth_date": "1991-01-01", **becomes}
        return one("identity.changed", id_, {"person": before, "becomes": said, "decision_number": id_}, on)

    def test_what_the_law_changed_stands_whatever_others_still_say(self) -> None:
        later = told("household.registered", "h1", "2023-01-01", **household())
        state = always([self.changed("i1", "2022-01-01"), later])
        assert (state.name, state.sex, state.birth_date) == ("Wang Fan", "male", date(1991, 1, 1))
        assert state.identity_number == number(2)["value"]

    def test_the_new_number_stands_and_the_old_one_still_finds_the_person(self) -> None:
        changed = self.changed("i1", "2022-01-01", identifiers=[number(4)])
        state = always([told("household.registered", "h1", "2023-01-01", **household()), changed])
        assert state.identity_number == number(4)["value"]
        assert [each.value for each in state.other_identifiers] == [number(2)["value"]]

    def test_a_later_change_of_the_name_keeps_the_number_an_earlier_one_gave(self) -> None:
        first = self.changed("i1", "2022-01-01", identifiers=[number(4)])
        second = self.changed("i2", "2023-01-01", before=person(4, "Wang Fan"), name="Wang Fen")
        state = always([first, second])
        assert (state.name, state.identity_number) == ("Wang Fen", number(4)["value"])

    def test_before_it_took_effect_it_was_not_so(self) -> None:
        state = state_of(told("household.registered", "h1", "2020-01-01", **household()))
        assert (state.name, state.birth_date) == ("Wang Fang", BORN)


@pytest.mark.parametrize("name", ["insurance.enrolled", "insurance.ended", "entitlement.granted", "entitlement.ended"])
def test_what_others_keep_for_themselves_attaches_the_identity_only(name: str) -> None:
    state = always([told(name, "e1", "2024-01-01", scheme="work-injury")])
    assert state == PersonState(name="Wang Fang", sex="female", birth_date=BORN, identity_number=number(2)["value"])
