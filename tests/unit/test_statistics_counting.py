"""What a person counts for: by which one of birth, registration, arrival, death, departure they start and stop."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from services.registry.facts.fold import DEFAULT_AUTHORITIES, fold
from services.registry.facts.lineage import dead, header_of
from services.registry.facts.values import Fact
from services.registry.statistics.counting import SIGN, UNPLACED, Cell, counted, promptness, same_day_next_month
from services.registry.statistics.deltas import in_order
from services.registry.statistics.places import place, shared_digits
from tests.histories import birth, household, person, report

HOME = frozenset({"370102"})
HERE, THERE, OUTSIDE = "370102901001", "370102902001", "370103000000"
WHO = person(1)


def cells(*reports: Mapping[str, Fact], role: str = "person") -> dict[tuple[str, str, str], int]:
    """What the person counts for: (kind, month, area) → how often."""
    facts = [each.get(role) or each["child"] for each in reports]
    gone = dead(map(header_of, facts))
    found = counted(fold(facts, gone, DEFAULT_AUTHORITIES), in_order(facts, gone), HOME)
    return {(cell.kind, f"{cell.month // 12}-{cell.month % 12 + 1:02}", cell.area): n for cell, n in found.items()}


def moves(found: Mapping[tuple[str, str, str], int]) -> set[tuple[str, str, str]]:
    """Only what changes the population."""
    assert set(found.values()) == {1}
    return {key for key in found if key[0] in SIGN}


def registered(area: str = HERE, on: str = "2024-03-02", **how: Any) -> dict[str, Fact]:
    return report("household.registered", "h1", {"person": WHO, **household(area)}, on, **how)


def arrived(area: str, from_area: str, on: str, permit: str = "P1") -> dict[str, Fact]:
    told = {"permit_number": permit, "from_area": from_area, "to_area": area}
    return report("migration.arrived", f"a{permit}", {"person": WHO, **told, **household(area, number_="H9")}, on)


def departed(from_area: str, to_area: str, on: str, permit: str = "P1") -> dict[str, Fact]:
    told = {"permit_number": permit, "from_area": from_area, "to_area": to_area}
    return report("migration.departed", f"d{permit}", {"person": WHO, **told}, on)


def died(on: str) -> dict[str, Fact]:
    return report("death.certified", "x1", {"person": WHO, "place": None, "certificate_number": "D1"}, on)


def test_whoever_is_registered_as_an_adult_starts_by_registration() -> None:
    assert moves(cells(registered())) == {("joined", "2024-03", HERE)}


def test_whoever_comes_from_elsewhere_starts_by_arrival() -> None:
    assert moves(cells(arrived(HERE, OUTSIDE, "2024-04-01"))) == {("arrived", "2024-04", HERE)}


def test_an_arrival_from_a_place_of_the_county_where_nobody_was_counted_is_a_registration() -> None:
    assert moves(cells(arrived(HERE, THERE, "2024-04-01"))) == {("joined", "2024-04", HERE)}


def test_a_move_within_the_county_leaves_one_place_and_enters_another() -> None:
    both = cells(registered(), departed(HERE, THERE, "2024-04-20"), arrived(THERE, HERE, "2024-05-01"))
    assert moves(both) == {
        ("joined", "2024-03", HERE),
        ("departed", "2024-05", HERE),
        ("arrived", "2024-05", THERE),
    }


def test_between_the_halves_the_person_counts_at_the_departure() -> None:
    assert moves(cells(registered(), departed(HERE, THERE, "2024-04-20"))) == {("joined", "2024-03", HERE)}


def test_a_departure_to_elsewhere_ends_counting_on_its_day() -> None:
    found = moves(cells(registered(), departed(HERE, OUTSIDE, "2024-04-20")))
    assert found == {("joined", "2024-03", HERE), ("departed", "2024-04", HERE)}


def test_whoever_comes_back_to_the_same_household_counts_again() -> None:
    found = cells(
        registered(),
        departed(HERE, OUTSIDE, "2024-04-20"),
        report(
            "migration.arrived",
            "back",
            {"person": WHO, "permit_number": "P2", "from_area": OUTSIDE, "to_area": HERE, **household(HERE)},
            "2024-06-01",
        ),
    )
    assert ("arrived", "2024-06", HERE) in moves(found)


def test_a_move_out_and_back_that_only_arrivals_tell_is_a_departure_and_an_arrival() -> None:
    out = arrived(OUTSIDE, HERE, "2024-05-01")
    assert moves(cells(registered(), out)) == {("joined", "2024-03", HERE), ("departed", "2024-05", HERE)}
    assert ("arrived", "2024-06", THERE) in moves(
        cells(registered(), out, arrived(THERE, OUTSIDE, "2024-06-01", permit="P2"))
    )


def test_death_ends_counting_once_however_many_certify_it() -> None:
    others = [
        report(
            "death.certified",
            f"x{department}",
            {"person": WHO, "place": None, "certificate_number": "D2"},
            "2024-07-01",
            department=department,
        )
        for department in ("public-security", "civil-affairs")
    ]
    found = moves(cells(registered(), died("2024-07-02"), *others))
    assert found == {("joined", "2024-03", HERE), ("died", "2024-07", HERE)}


def test_a_death_of_somebody_who_never_counted_is_nobodys() -> None:
    assert cells(died("2024-07-02")) == {}


def certified(born: str = "2024-02-01") -> dict[str, Fact]:
    return report("birth.certified", "b1", birth(person(2), born=born), born)


def of_child(on: str | None, born: str = "2024-02-01") -> dict[tuple[str, str, str], int]:
    facts = [certified(born)["child"]]
    if on is not None:
        baby = WHO | {"birth_date": born, "identifiers": [{"type": "birth-certificate-number", "value": "C1"}]}
        facts += [report("household.registered", "h1", {"person": baby, **household(HERE, "child")}, on)["person"]]
    found = counted(fold(facts, set(), DEFAULT_AUTHORITIES), in_order(facts, set()), HOME)
    return {(cell.kind, f"{cell.month // 12}-{cell.month % 12 + 1:02}", cell.area): n for cell, n in found.items()}


def test_a_newborn_counts_from_birth_where_the_register_enters_it_within_a_year() -> None:
    found = of_child("2024-12-24")
    assert moves(found) == {("joined", "2024-02", HERE)}
    assert {("born", "2024-02", ""), ("late", "2024-02", "")} <= found.keys()


def test_a_newborn_that_nobody_registers_counts_in_no_place_and_for_a_year() -> None:
    found = of_child(None)
    assert moves(found) == {("joined", "2024-02", UNPLACED), ("left", "2025-02", UNPLACED)}
    assert {("born", "2024-02", ""), ("unregistered", "2024-02", "")} <= found.keys()


def test_a_newborn_registered_after_a_year_joins_then() -> None:
    found = moves(of_child("2026-05-01"))
    assert found == {
        ("joined", "2024-02", UNPLACED),
        ("left", "2025-02", UNPLACED),
        ("joined", "2026-05", HERE),
    }


def test_a_newborn_that_dies_on_its_first_day_is_a_birth_and_a_death() -> None:
    baby = WHO | {"birth_date": "2024-02-01"}
    death = report("death.certified", "x", {"person": baby, "place": None, "certificate_number": "D"}, "2024-02-01")
    facts = [certified()["child"], death["person"]]
    found = counted(fold(facts, set(), DEFAULT_AUTHORITIES), in_order(facts, set()), HOME)
    assert sorted(cell.kind for cell in found) == ["born", "died", "joined", "unregistered"]


@pytest.mark.parametrize(
    ("registered_on", "said"),
    [
        (date(2024, 2, 29), "timely"),
        (date(2024, 3, 1), "late"),
        (date(2025, 1, 31), "late"),
        (date(2025, 2, 1), "delayed"),
        (None, "unregistered"),
    ],
)
def test_how_soon_a_birth_is_registered(registered_on: date | None, said: str) -> None:
    assert promptness(date(2024, 1, 31), registered_on) == said


def test_a_month_later_is_the_same_day_or_the_last() -> None:
    assert same_day_next_month(date(2023, 12, 31)) == date(2024, 1, 31)
    assert same_day_next_month(date(2024, 1, 31)) == date(2024, 2, 29)


def test_a_marriage_is_a_side_for_each_spouse_and_counts_once_by_its_certificate() -> None:
    couple = {"spouses": [person(1), person(2)], "certificate_number": "M1"}
    swapped = {"spouses": [person(2), person(1)], "certificate_number": "M1"}
    one, again = report("marriage.registered", "m1", couple), report("marriage.registered", "m2", swapped)
    facts = [one["spouse_1"], again["spouse_2"]]
    found = counted(fold(facts, set(), DEFAULT_AUTHORITIES), in_order(facts, set()), HOME)
    assert [cell for cell in found if cell.kind == "married"] == [Cell("married", 2024 * 12, "", "", 0)]
    assert set(found.values()) == {1}


def test_places_are_read_in_one_way() -> None:
    assert place("370102901001", HOME) == "370102901001"
    assert place("370102901000", HOME) == "370102901"
    assert place("370102", HOME) == place("370102000000", HOME) == "370102"
    assert place("370103901001", HOME) is place(None, HOME) is place("", HOME) is None
    assert shared_digits(HERE, THERE) == 6
    assert shared_digits(HERE, "370102901002") == 9
    assert shared_digits("370102", HERE) == 6
    assert shared_digits("370102", "370103") == 0
