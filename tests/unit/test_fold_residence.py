"""Where a person counts: between the halves of a move, before, after and until death."""

from datetime import date

from services.registry.facts.state import Residency
from services.registry.facts.values import Fact
from tests.histories import OTHER_TOWN, TOWN, household, move, one, person, state_of

MOVER = person(7)


def settled(on: str = "2024-01-01", id_: str = "h1", area: str = TOWN, number: str = "H1") -> Fact:
    return one("household.registered", id_, {"person": MOVER, **household(area, number_=number)}, on)


def departed(on: str, permit: str = "P1", id_: str = "d1", from_area: str = TOWN) -> Fact:
    return one("migration.departed", id_, {"person": MOVER, **move(permit, from_area)}, on)


def arrived(on: str, permit: str = "P1", id_: str = "a1", area: str = OTHER_TOWN) -> Fact:
    data = {"person": MOVER, **move(permit, to_area=area), **household(area, number_="H2")}
    return one("migration.arrived", id_, data, on)


def died(on: str) -> Fact:
    return one("death.certified", "x1", {"person": MOVER, "certificate_number": "x1"}, on, department="health")


def stay(area: str, number: str | None, since: str, until: str | None = None) -> Residency:
    relation = "head" if number else None
    kind = "family" if number else None
    ended = date.fromisoformat(until) if until else None
    return Residency(area, number, relation, date.fromisoformat(since), ended, kind)


def test_between_the_halves_the_person_counts_at_the_departure() -> None:
    state = state_of(settled(), departed("2024-02-01"))
    assert (state.residence, state.registered_area, state.household_number) == ("departed", TOWN, "H1")
    assert state.residencies == (stay(TOWN, "H1", "2024-01-01"),)


def test_both_halves_are_one_move() -> None:
    state = state_of(settled(), departed("2024-02-01"), arrived("2024-02-10"))
    assert (state.residence, state.registered_area, state.household_number) == ("resident", OTHER_TOWN, "H2")
    assert state.residencies == (
        stay(TOWN, "H1", "2024-01-01", "2024-02-10"),
        stay(OTHER_TOWN, "H2", "2024-02-10"),
    )


def test_both_halves_on_one_day_end_at_the_arrival() -> None:
    assert state_of(settled(), departed("2024-02-01"), arrived("2024-02-01")).residence == "resident"


def test_a_departure_dated_after_its_own_arrival_moves_nobody() -> None:
    state = state_of(settled(), arrived("2024-02-01"), departed("2024-02-10"))
    assert (state.residence, state.registered_area) == ("resident", OTHER_TOWN)
    assert len(state.residencies) == 2


def test_a_departure_with_another_permit_is_another_move() -> None:
    state = state_of(settled(), arrived("2024-02-01"), departed("2024-03-01", "P2", from_area=OTHER_TOWN))
    assert (state.residence, state.registered_area) == ("departed", OTHER_TOWN)


def test_a_departure_of_somebody_never_registered_counts_at_the_departure() -> None:
    state = state_of(departed("2024-02-01"))
    assert (state.residence, state.registered_area, state.registered) == ("departed", TOWN, False)
    assert state.residencies == (stay(TOWN, None, "2024-02-01"),)


def test_a_departure_from_elsewhere_than_registered_leaves_no_household() -> None:
    state = state_of(settled(), departed("2024-02-01", from_area=OTHER_TOWN))
    assert (state.registered_area, state.household_number) == (OTHER_TOWN, None)
    assert state.residencies[-1] == stay(OTHER_TOWN, None, "2024-02-01")


def test_a_departure_from_the_county_keeps_the_village_known_inside_it() -> None:
    state = state_of(settled(), departed("2024-02-01", from_area=TOWN[:6]))
    assert (state.registered_area, state.household_number) == (TOWN, "H1")


def test_a_departure_that_names_the_village_says_more_than_the_county() -> None:
    state = state_of(settled(area=TOWN[:6]), departed("2024-02-01"))
    assert (state.registered_area, state.household_number) == (TOWN, "H1")


def test_an_arrival_alone_registers() -> None:
    state = state_of(arrived("2024-02-01"))
    assert (state.residence, state.registered) == ("resident", True)


def test_settling_again_ends_an_open_departure() -> None:
    state = state_of(settled(), departed("2024-02-01"), settled("2024-05-01", "h2"))
    assert (state.residence, state.residencies) == ("resident", (stay(TOWN, "H1", "2024-01-01"),))


def test_a_stay_that_lasted_no_day_is_no_residency() -> None:
    state = state_of(settled(), arrived("2024-01-01"))
    assert state.residencies == (stay(OTHER_TOWN, "H2", "2024-01-01"),)


def test_death_ends_the_residency_and_nothing_begins_after_it() -> None:
    state = state_of(settled(), arrived("2024-02-01"), settled("2024-04-01", "h2"), died("2024-03-01"))
    assert state.residencies == (
        stay(TOWN, "H1", "2024-01-01", "2024-02-01"),
        stay(OTHER_TOWN, "H2", "2024-02-01", "2024-03-01"),
    )
