"""The fold: what a person's facts say together."""

from datetime import date, timedelta

import pytest

from services.registry.facts.fold import DEFAULT_AUTHORITIES, PRECEDENCE, as_of, fold
from services.registry.facts.lineage import header_of
from services.registry.facts.sayings import SAYINGS
from services.registry.facts.state import UNKNOWN_PERSON, PersonState
from services.registry.facts.values import CORRECTION, Fact
from shared.contracts.catalogue import TYPES
from tests.histories import (
    OTHER_TOWN,
    START,
    TOWN,
    birth,
    certificate,
    household,
    move,
    number,
    one,
    person,
    report,
    state_of,
)

MOTHER, FATHER = person(2, "Wang Fang"), person(1, "Li Wei")


def registered(id_: str = "h1", on: str = "2020-01-01", name: str | None = "Wang Fang", **how: int) -> Fact:
    return one("household.registered", id_, {"person": person(2, name), **household()}, on, **how)


def died(id_: str, on: str, department: str) -> Fact:
    return one("death.certified", id_, {"person": MOTHER, "certificate_number": id_}, on, department=department)


def test_every_type_of_the_catalogue_can_be_folded() -> None:
    names = {entry.name for entry in TYPES}
    assert names == set(SAYINGS)
    assert names | {CORRECTION} == set(PRECEDENCE), "beside them only what the registry itself says"
    assert CORRECTION not in names


def test_nobody_is_known_without_facts() -> None:
    assert fold([], set(), DEFAULT_AUTHORITIES) == UNKNOWN_PERSON
    assert PersonState(civil_status="unspecified", registered=False) == UNKNOWN_PERSON


def test_registration_gives_the_household_and_never_assumes_single() -> None:
    state = state_of(registered())
    assert (state.residence, state.registered_area, state.household_number) == ("resident", TOWN, "H1")
    assert (state.household_kind, state.relation_to_head, state.registered) == ("family", "head", True)
    assert (state.civil_status, state.spouse) == ("unspecified", None)
    assert state.identity_number == number(2)["value"]


class TestAttributes:
    def test_the_household_register_outranks_a_later_birth_certificate(self) -> None:
        mother = report("birth.certified", "b1", birth(person(2, "Wang Fan")))["mother"]
        assert state_of(registered(), mother).name == "Wang Fang"

    def test_within_one_authority_the_latest_counts(self) -> None:
        assert state_of(registered(name="Wang Fang"), registered("h2", "2021-01-01", "Wang Fen")).name == "Wang Fen"

    def test_on_one_day_what_was_said_later_counts(self) -> None:
        assert (
            state_of(registered("h1", name="Late", minute=5), registered("h2", name="Early", minute=1)).name == "Late"
        )

    def test_a_department_that_is_no_authority_is_heard_where_no_authority_speaks(self) -> None:
        spouses = {"spouses": [MOTHER, FATHER], "certificate_number": "M1"}
        fact = report("marriage.registered", "m1", spouses)["spouse_1"]
        assert fold([fact], set(), {"name": ["public-security"]}).name == "Wang Fang"
        assert fold([fact, registered(name="Wang Fen")], set(), {"name": ["public-security"]}).name == "Wang Fen"

    def test_without_any_authority_the_latest_counts(self) -> None:
        assert fold([registered(), registered("h2", "2021-01-01", "Wang Fen")], set(), {}).name == "Wang Fen"

    @pytest.mark.parametrize("sex", ["unknown", "unspecified"])
    def test_a_sex_not_stated_never_hides_a_stated_one(self, sex: str) -> None:
        vague = one("household.registered", "h2", {"person": person(2, sex=sex), **household()}, "2021-01-01")
        certain = report("birth.certified", "b1", birth(MOTHER))["mother"]
        assert state_of(certain, vague).sex == "female"
        assert state_of(vague).sex == sex

    def test_other_identifiers_are_kept_beside_the_identity_number(self) -> None:
        passport = {"type": "passport", "value": "e123", "issuer": "X"}
        fact = one("household.registered", "h1", {"person": person(2, also=[passport]), **household()})
        state = state_of(fact)
        assert [(n.type, n.value, n.issuer) for n in state.other_identifiers] == [("passport", "E123", "X")]
        assert state.identity_number == number(2)["value"]


class TestChildren:
    def test_an_unnamed_newborn_takes_the_name_of_its_registration(self) -> None:
        child = report("birth.certified", "b1", birth(MOTHER))["child"]
        both = {
            "identifiers": [number(4), certificate("C1")],
            "name": "Li Na",
            "sex": "female",
            "birth_date": "2024-02-01",
        }
        entry = one("household.registered", "h1", {"person": both, **household(relation="child")}, "2024-02-20")
        assert (state_of(child).name, state_of(child).registered) == (None, False)
        state = state_of(child, entry)
        assert (state.name, state.registered, state.identity_number) == ("Li Na", True, number(4)["value"])
        assert fold([child, entry], set(), {"name": ["health", "public-security"]}).name == "Li Na"

    def test_parents_are_as_certified_and_help_is_asked_only_by_the_mother_herself(self) -> None:
        asked = report("birth.certified", "b1", birth(MOTHER, FATHER, help_requested=True))
        state = state_of(asked["child"])
        assert (state.mother, state.father) == (asked["mother"].mention, asked["father"].mention)
        assert (state.help_asked, state.help_mother) == (True, asked["mother"].mention)
        unasked = state_of(report("birth.certified", "b2", birth(MOTHER))["child"])
        assert (unasked.help_asked, unasked.help_mother, unasked.father) == (False, None, None)

    def test_a_birth_leaves_nothing_of_itself_in_the_parents_states(self) -> None:
        facts = report("birth.certified", "b1", birth(MOTHER, FATHER, help_requested=True))
        elsewhere = report("marriage.registered", "m1", {"spouses": [MOTHER, FATHER], "certificate_number": "M1"})
        bare = {name: getattr(state_of(elsewhere["spouse_1"]), name) for name in ("name", "sex", "birth_date")}
        state = state_of(facts["mother"])
        assert state == PersonState(identity_number=number(2)["value"], **bare)

    def test_adopters_stand_beside_the_parents_by_birth_until_the_adoption_is_annulled(self) -> None:
        born = report("birth.certified", "b1", birth(MOTHER, FATHER))
        child = {"identifiers": [certificate("C1")], "name": "Li Na", "sex": "female", "birth_date": "2024-02-01"}
        data = {"child": child, "adopters": [person(11), person(12)], "certificate_number": "A1"}
        adoption = report("adoption.registered", "a1", data, "2024-03-01")
        state = state_of(born["child"], adoption["child"])
        adopters = (adoption["adopter_2"].mention, adoption["adopter_1"].mention)
        assert (state.adoptive_mother, state.adoptive_father) == adopters
        assert (state.mother, state.father) == (born["mother"].mention, born["father"].mention)
        assert state.adopted
        annulment = report("adoption.registered", "a2", data, "2024-03-01", action="annulled", of="a1")["child"]
        restored = state_of(born["child"], adoption["child"], annulment)
        assert restored == state_of(born["child"])
        assert not state_of(adoption["adopter_1"]).adopted

    @pytest.mark.parametrize(
        ("sexes", "mother", "father"),
        [
            (["male"], None, "adopter_1"),
            (["female"], "adopter_1", None),
            (["female", "female"], "adopter_1", "adopter_2"),
            (["unknown", "female"], "adopter_2", "adopter_1"),
            (["unknown"], "adopter_1", None),
        ],
    )
    def test_adopters_stand_as_parents_by_sex_and_then_where_there_is_room(
        self, sexes: list[str], mother: str | None, father: str | None
    ) -> None:
        adopters = [person(20 + n, sex=sex) for n, sex in enumerate(sexes)]
        facts = report(
            "adoption.registered", "a1", {"child": person(3), "adopters": adopters, "certificate_number": "A"}
        )
        state = state_of(facts["child"])
        assert (state.mother, state.father) == (None, None)
        found = (state.adoptive_mother, state.adoptive_father)
        assert tuple(each and each[2] for each in found) == (mother, father)


class TestMarriage:
    def test_each_spouse_is_married_to_the_other(self) -> None:
        facts = report("marriage.registered", "m1", {"spouses": [MOTHER, FATHER], "certificate_number": "M1"})
        first, second = state_of(facts["spouse_1"]), state_of(facts["spouse_2"])
        assert (first.civil_status, first.spouse) == ("married", facts["spouse_2"].mention)
        assert (second.civil_status, second.spouse) == ("married", facts["spouse_1"].mention)


class TestDeath:
    def test_three_sources_certify_one_death_and_health_decides_its_date(self) -> None:
        facts = [
            died("d1", "2024-03-02", "health"),
            died("d2", "2024-03-01", "public-security"),
            died("d3", "2024-02-28", "civil-affairs"),
        ]
        assert state_of(*facts).died_on == date(2024, 3, 2)
        assert state_of(*facts[1:]).died_on == date(2024, 3, 1)

    def test_of_one_source_the_earliest_date_counts(self) -> None:
        facts = died("d1", "2024-03-02", "health"), died("d2", "2024-03-01", "health")
        assert state_of(*facts).died_on == date(2024, 3, 1)

    def test_an_annulled_death_never_happened(self) -> None:
        annulment = one(
            "death.certified",
            "d2",
            {"person": MOTHER, "certificate_number": "d1"},
            "2024-03-02",
            department="health",
            action="annulled",
            of="d1",
        )
        assert state_of(registered(), died("d1", "2024-03-02", "health"), annulment) == state_of(registered())

    def test_an_annulment_says_nothing_itself_even_where_its_header_is_not_known(self) -> None:
        how = {"department": "health", "action": "annulled", "of": "d1"}
        fact = one("death.certified", "d2", {"person": MOTHER, "certificate_number": "d1"}, "2024-03-02", **how)
        assert fold([fact], set(), DEFAULT_AUTHORITIES) == UNKNOWN_PERSON


class TestTwoTimes:
    def test_what_takes_effect_later_is_not_yet_so(self) -> None:
        facts = [registered(on="2024-01-01"), died("d1", "2024-03-02", "health")]
        headers = [header_of(fact) for fact in facts]
        chosen = as_of(facts, headers, date(2024, 3, 1), None)
        assert fold(*chosen, DEFAULT_AUTHORITIES).died_on is None
        on_the_day = as_of(facts, headers, date(2024, 3, 2), None)
        assert fold(*on_the_day, DEFAULT_AUTHORITIES).died_on == date(2024, 3, 2)

    def test_what_was_recorded_later_was_not_yet_known_and_its_target_still_counted(self) -> None:
        wrong = registered(name="Wang Fan", recorded=1)
        right = registered("h2", name="Wang Fang", recorded=5, action="corrected", of="h1")  # type: ignore[arg-type]
        facts, headers = [wrong, right], [header_of(wrong), header_of(right)]
        for hour, name in [(0, None), (1, "Wang Fan"), (4, "Wang Fan"), (5, "Wang Fang")]:
            known = as_of(facts, headers, None, START + timedelta(hours=hour))
            assert fold(*known, DEFAULT_AUTHORITIES).name == name

    def test_what_is_not_recorded_was_never_known(self) -> None:
        fact = registered(recorded=None)  # type: ignore[arg-type]
        assert as_of([fact], [header_of(fact)], None, START + timedelta(days=9)) == ([], set())

    def test_a_correction_to_a_later_day_takes_the_earlier_day_away(self) -> None:
        wrong = registered(on="2024-01-01")
        right = registered("h2", on="2024-06-01", action="corrected", of="h1")  # type: ignore[arg-type]
        chosen = as_of([wrong, right], map(header_of, [wrong, right]), date(2024, 2, 1), None)
        assert fold(*chosen, DEFAULT_AUTHORITIES) == UNKNOWN_PERSON


def test_a_move_between_towns_is_told_by_its_last_half() -> None:
    arrival = {"person": MOTHER, **move(), **household(OTHER_TOWN, number_="H2")}
    state = state_of(registered(), one("migration.arrived", "a1", arrival, "2024-02-01"))
    assert (state.registered_area, state.household_number, state.residence) == (OTHER_TOWN, "H2", "resident")
