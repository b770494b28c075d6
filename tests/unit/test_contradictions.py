"""Each kind of contradiction: what makes it, what looks like it and is none, who is told."""

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from services.registry.contradictions.family import Relative
from services.registry.contradictions.rivals import Correction, counting, rival_corrections
from services.registry.contradictions.rules import contradictions, living_of
from services.registry.contradictions.schemas import Kind
from services.registry.contradictions.values import FAMILY_KINDS, KINDS, OWN_KINDS, Contradiction
from services.registry.facts.fold import DEFAULT_AUTHORITIES, fold
from services.registry.facts.lineage import dead, header_of
from services.registry.facts.values import Fact
from tests.histories import OTHER_TOWN, TOWN, birth, certificate, household, move, number, one, person, report, state_of

HIM, HER, OTHER = person(1, "Li Wei"), person(2, "Wang Fang"), person(4, "Zhao Min")


def found(*facts: Fact, kin: Mapping[str, list[Fact]] | None = None) -> dict[str, Contradiction]:
    """Kind → contradiction of the facts about one person; `kin`: role in events → facts about who has it."""
    gone = dead(map(header_of, facts))
    relatives = {}
    for fact in facts:
        for mention in (fact.body.mother, fact.body.father, fact.body.spouse):
            if mention is not None and kin:
                said = kin.get(mention[1] + "/" + mention[2]) or kin.get(mention[2])
                if said:
                    relatives[mention] = Relative(
                        said[0].body.name, living_of(said, dead(map(header_of, said))), state_of(*said)
                    )
    listed = contradictions(facts, gone, fold(facts, gone, DEFAULT_AUTHORITIES), relatives)
    kinds = [each.kind for each in listed]
    assert len(kinds) == len(set(kinds))
    return {each.kind: each for each in listed}


def entry(id_: str = "h1", who: Mapping[str, Any] = HER, on: str = "2020-01-01", **place: Any) -> Fact:
    return one("household.registered", id_, {"person": who, **household(**place)}, on)


def death(id_: str = "d1", on: str = "2024-01-10", department: str = "health", who: Mapping[str, Any] = HER) -> Fact:
    return one("death.certified", id_, {"person": who, "certificate_number": id_}, on, department=department)


def marriage(id_: str, other: Mapping[str, Any], on: str, name: str = "marriage.registered", **how: Any) -> Fact:
    return report(name, id_, {"spouses": [HER, other], "certificate_number": id_}, on, **how)["spouse_1"]


def insured(who: Mapping[str, Any], id_: str = "i1", **how: Any) -> Fact:
    return one("insurance.enrolled", id_, {"person": who, "scheme": "basic-pension"}, "2023-01-01", **how)


def test_the_kinds_are_one_closed_list() -> None:
    assert set(get_args(Kind)) == set(KINDS) == OWN_KINDS.keys() | FAMILY_KINDS.keys()


def test_an_ordinary_life_contradicts_nothing() -> None:
    life = [
        entry(),
        insured(HER),
        marriage("m1", HIM, "2021-01-01"),
        one("migration.departed", "o1", {"person": HER, **move()}, "2022-01-01"),
        one("migration.arrived", "o2", {"person": HER, **move(), **household(OTHER_TOWN, number_="H2")}, "2022-01-03"),
        death(),
        one("household.cancelled", "h2", {"person": HER, "household_number": "H2"}, "2024-01-12"),
        one("insurance.ended", "i2", {"person": HER, "scheme": "basic-pension"}, "2024-01-12"),
    ]
    assert found(*life) == {}


def test_a_marriage_after_the_death() -> None:
    listed = found(entry(), death(), marriage("m1", HIM, "2024-03-01"))
    assert listed.keys() == {"event-after-death"}
    assert [(each.department, each.value) for each in listed["event-after-death"].statements] == [
        ("health", "2024-01-10"),
        ("civil-affairs", "2024-03-01"),
    ]
    assert listed["event-after-death"].departments == ["civil-affairs", "health"]


def test_an_annulled_death_contradicts_nothing_any_more() -> None:
    data = {"person": HER, "certificate_number": "d1"}
    back = one("death.certified", "d2", data, "2024-01-10", action="annulled", of="d1", department="health", minute=1)
    assert found(entry(), death(), back, marriage("m1", HIM, "2024-03-01")) == {}


def test_two_households_of_one_day() -> None:
    listed = found(entry(), entry("h2", number_="H2"))
    assert [each.value for each in listed["two-households"].statements] == ["H1", "H2"]
    assert found(entry(), entry("h2", on="2021-01-01", number_="H2")) == {}


def test_a_number_that_tells_another_birth_date_or_sex() -> None:
    wrong = HER | {"birth_date": "1990-05-18", "sex": "male"}
    assert found(entry(who=wrong)).keys() == {"number-against-birth-date", "number-against-sex"}


def test_descriptions_that_differ() -> None:
    wrong = {"name": "Wang Fan", "birth_date": "1990-05-18", "sex": "male"}
    listed = found(entry(), insured(HER | wrong))
    assert listed.keys() == {"names-differ", "birth-dates-differ", "sexes-differ"}
    assert [each.value for each in listed["names-differ"].statements] == ["Wang Fan", "Wang Fang"]
    corrected = insured(HER, "i2", action="corrected", of="i1", minute=1)
    assert found(entry(), insured(HER | wrong), corrected) == {}


def test_what_the_law_changed_explains_the_difference() -> None:
    becomes = {"name": "Wang Fan", "sex": "female", "birth_date": "1990-04-17", "identifiers": [number(2)]}
    changed = one("identity.changed", "c1", {"person": HER, "becomes": becomes, "decision_number": "c1"}, "2022-01-01")
    late = insured(HER | {"name": "Wang Fan", "birth_date": "1990-04-17"})
    assert found(entry(), changed, late, insured(HER, "i2")) == {}


def test_dates_of_death_that_differ() -> None:
    listed = found(entry(), death(), death("d2", "2024-01-11", "public-security"))
    assert listed["deaths-differ"].departments == ["health", "public-security"]
    assert found(entry(), death(), death("d2", department="civil-affairs")) == {}


def test_a_dissolution_of_another_marriage() -> None:
    ended = marriage("m2", OTHER, "2023-01-01", "marriage.dissolved")
    assert "dissolved-without-marriage" in found(entry(), marriage("m1", HIM, "2021-01-01"), ended)
    assert found(entry(), ended) == {}


def test_a_departure_from_somewhere_else() -> None:
    gone = one("migration.departed", "o1", {"person": HER, **move(from_area="110107003003")}, "2022-01-01")
    assert found(entry(area=TOWN), gone).keys() == {"departed-without-being-registered"}
    assert found(gone).keys() == {"departed-without-being-registered"}


def test_two_numbers_in_one_person() -> None:
    card = certificate("C9")
    both = [insured(HER | {"identifiers": [number(2), card]}), insured(HER | {"identifiers": [number(4), card]}, "i2")]
    assert found(*both).keys() == {"two-living-numbers"}


def test_two_corrections_of_one_report() -> None:
    rivals = [insured(HER, each, action="corrected", of="i1", minute=n) for n, each in enumerate(("i2", "i3"), 1)]
    line = [Correction(header_of(fact), fact.department, fact.type, fact.effective_on) for fact in rivals]
    (listed,) = rival_corrections(line)
    assert [each.id for each in listed.statements] == ["i2", "i3"]
    assert counting(line) == {rivals[1].event}
    assert rival_corrections(line[:1]) == set()


def test_a_birth_after_the_mothers_death_is_told_to_two_departments_only() -> None:
    child = report("birth.certified", "b1", birth(HER), "2024-02-01")["child"]
    died = [entry(), death(department="civil-affairs")]
    listed = found(child, kin={"mother": died})
    assert listed.keys() == {"born-after-mothers-death"}
    assert listed["born-after-mothers-death"].departments == ["health"]


@pytest.mark.parametrize("role", ["mother", "father"])
def test_a_parent_of_less_than_ten_years(role: str) -> None:
    child = report("birth.certified", "b1", birth(HER, HIM, born="2000-05-16"), "2000-05-16")["child"]
    assert found(child, kin={role: [entry()]}).keys() == {"parent-under-ten"}
    older = report("birth.certified", "b1", birth(HER, HIM, born="2000-05-17"), "2000-05-17")["child"]
    assert found(older, kin={role: [entry()]}) == {}


def test_a_marriage_while_another_stands() -> None:
    first, second = marriage("m1", HIM, "2021-01-01"), marriage("m2", person(3), "2023-01-01")
    kin = {"m1/spouse_2": [entry("x1", HIM)], "m2/spouse_2": [entry("x2", person(3))]}
    assert found(first, second, kin=kin).keys() == {"married-while-married"}
    assert found(first, marriage("m3", HIM, "2022-01-01", "marriage.dissolved"), second, kin=kin) == {}
    assert found(first, marriage("m3", HIM, "2023-01-01"), kin=kin) == {}


def test_who_is_widowed_may_marry_again() -> None:
    first, second = marriage("m1", HIM, "2021-01-01"), marriage("m2", person(3), "2023-01-01")
    kin = {"m1/spouse_2": [entry("x1", HIM), death(on="2022-05-01", who=HIM)]}
    assert found(first, second, kin=kin) == {}
    late = {"m1/spouse_2": [entry("x1", HIM), death(on="2023-05-01", who=HIM)]}
    assert found(first, second, kin=late).keys() == {"married-while-married"}
