"""Dilemmas of telling people apart, each by name: what the weights say, and the rules that outrank them."""

import math
from datetime import date

import msgspec
import pytest

from services.registry.facts.state import PersonState
from services.registry.facts.values import RESIDENT_NUMBER, NamedNumber
from services.registry.identity.comparing import area, birth_date
from services.registry.identity.description import Description, describe
from services.registry.identity.rules import CLERICAL, RULES
from services.registry.identity.score import Score, Verdict, score, verdict
from services.registry.identity.weights import current
from shared.identifiers.resident import make

BORN = date(1990, 5, 2)


def number(value: str) -> tuple[NamedNumber, ...]:
    return (NamedNumber(RESIDENT_NUMBER, value),)


OWN = number(make("370102", BORN, 11))
PERSON = Description("王小明", "male", BORN, OWN, "李芳", "王强", "370102001002")


def but(**changes: object) -> Description:
    return msgspec.structs.replace(PERSON, **changes)


def judged(one: Description, other: Description) -> tuple[Verdict, Score]:
    scored = score(one, other, current())
    assert scored == score(other, one, current())
    return verdict(scored, current()), scored


@pytest.mark.parametrize(
    "same",
    [
        PERSON,
        but(mother=None, father=None, area=None),
        but(name="王小明", area="440305001002"),
        but(name="WANG XIAOMING"),
        but(name="小明王"),
        but(sex=None),
        but(numbers=()),
        but(birth_date=date(1990, 5, 20)),
        but(birth_date=date(1990, 2, 5)),
    ],
    ids=[
        "all",
        "no parents",
        "moved",
        "passport",
        "swapped",
        "sex unknown",
        "both parents",
        "wrong day",
        "day and month",
    ],
)
def test_certain_where_the_number_or_both_parents_agree_and_nothing_speaks_against(same: Description) -> None:
    assert judged(PERSON, same)[0] == "certain"


SWAPPED_DIGITS = number(OWN[0].value[:10] + "50" + OWN[0].value[12:])
WRONG_DIGIT = number("47" + OWN[0].value[2:])


@pytest.mark.parametrize(
    ("rule", "one", "other"),
    [
        ("twins", PERSON, but(name="王小红", sex="female", numbers=number(make("370102", BORN, 12)))),
        ("twins", but(numbers=()), but(name="王晓明", numbers=())),
        ("neighbours", PERSON, but(numbers=(), mother=None, father=None)),
        ("neighbours", PERSON, but(numbers=(), father=None)),
        ("neighbours", PERSON, Description("WANG XIAOMING", "male", BORN, (), "LI FANG", "WANG QIANG", PERSON.area)),
        ("weak-birth-date", but(birth_date=date(1990, 1, 1)), but(birth_date=date(1990, 1, 1), numbers=())),
        ("weak-birth-date", PERSON, but(birth_date=date(1990, 1, 1), numbers=())),
        ("shared-number", PERSON, Description("张三", "male", date(1971, 3, 4), OWN)),
        ("shared-number", PERSON, but(name="张伟国", mother=None, father=None)),
        ("near-number", PERSON, but(numbers=WRONG_DIGIT, sex=None)),
        ("near-number", PERSON, but(numbers=WRONG_DIGIT, mother="赵英")),
        ("near-number", PERSON, but(numbers=SWAPPED_DIGITS, birth_date=date(1990, 5, 20))),
        ("two-numbers", PERSON, but(numbers=number(make("370102", BORN, 411)))),
        ("other-name", PERSON, but(name="李小明")),
        ("other-sex", PERSON, but(sex="female")),
        ("other-birth-date", PERSON, but(birth_date=date(1963, 11, 30))),
        ("other-birth-date", PERSON, but(birth_date=None)),
        ("other-birth-date", PERSON, but(birth_date=date(1990, 5, 20), numbers=())),
    ],
)
def test_a_rule_keeps_it_from_being_certain(rule: str, one: Description, other: Description) -> None:
    said, scored = judged(one, other)

    assert rule in scored.rules
    assert said == "possible"


def test_every_rule_has_its_dilemma_above() -> None:
    marks = test_a_rule_keeps_it_from_being_certain.pytestmark  # type: ignore[attr-defined]

    assert {case[0] for case in marks[0].args[1]} == {rule.name for rule in RULES}


def test_one_wrong_digit_counts_as_the_number_where_all_else_agrees() -> None:
    alone = but(mother=None, father=None, area=None)

    for wrong in (WRONG_DIGIT, SWAPPED_DIGITS):
        assert judged(alone, but(numbers=wrong))[0] == "certain"


def test_a_number_alone_neither_joins_two_people_nor_parts_one() -> None:
    other = Description("张三", "female", date(1955, 8, 9), OWN, "赵英", "张大", "110101001001")
    said, scored = judged(PERSON, other)

    assert scored.total < current().possible
    assert CLERICAL.intersection(scored.rules)
    assert said == "possible"


@pytest.mark.parametrize(
    "other",
    [
        Description("陈建国", "male", BORN, (), None, None, "370102001002"),
        but(name="李小明", birth_date=date(1991, 6, 3), numbers=(), mother=None, father=None),
        Description(),
        Description("王小明", "male"),
    ],
)
def test_two_people_are_two_people(other: Description) -> None:
    assert judged(PERSON, other)[0] == "none"


def test_a_renewed_passport_is_no_evidence_and_the_same_one_is() -> None:
    first, second = (NamedNumber("passport", value, "DEU") for value in ("C01X00T47", "C9921HH21"))
    foreigner = Description("Anna Schmidt", "female", BORN, (first,))
    levels = {
        each.field: each.level
        for each in judged(foreigner, msgspec.structs.replace(foreigner, numbers=(second,)))[1].fields
    }

    assert levels["numbers"] is None
    assert judged(foreigner, msgspec.structs.replace(foreigner, name="Schmidt Anna"))[0] == "certain"


def test_a_foreigner_who_married_goes_to_a_clerk_even_with_the_same_passport() -> None:
    passport = (NamedNumber("passport", "C01X00T47", "DEU"),)
    before, after = (Description(f"Anna {name}", "female", BORN, passport) for name in ("Schmidt", "Müller"))

    assert judged(before, after)[0] == "possible"


def test_the_total_is_the_sum_that_is_explained_and_the_probability_follows_from_it() -> None:
    weights = current()
    _, scored = judged(PERSON, but(name="王晓明", numbers=()))

    assert scored.total == pytest.approx(weights.prior_bits + sum(each.weight for each in scored.fields))
    assert math.log2(scored.probability / (1 - scored.probability)) == pytest.approx(scored.total)
    assert [each.field for each in scored.fields] == [field.field for field in weights.fields]
    assert {each.level for each in scored.fields if each.weight == 0} == {None}


def test_a_person_is_described_by_their_state_and_the_parents_names_one_gives() -> None:
    other = NamedNumber("passport", "C01X00T47", "CHN")
    state = PersonState(
        name="王小明",
        sex="male",
        birth_date=BORN,
        identity_number=OWN[0].value,
        other_identifiers=(other,),
        residence="370102001003",
        registered_area="370102001002",
    )

    assert describe(state, mother="李芳", father="王强") == but(numbers=(*OWN, other))
    assert describe(PersonState()) == Description()


def test_a_description_does_not_show_itself_when_printed() -> None:
    assert repr(PERSON) == "Description(…)"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("370102001002", "370102001002", "community"),
        ("370102001002", "370102001003", "township"),
        ("370102001002", "370102", "county"),
        ("370102", "370102", "county"),
        ("370102001002", "370103001002", "different"),
        ("370102001002", None, None),
    ],
)
def test_areas_agree_as_far_down_as_both_are_known(one: str | None, other: str | None, level: str | None) -> None:
    assert area(one, other) == area(other, one) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (date(1990, 5, 2), date(1990, 5, 2), "exact"),
        (date(1990, 1, 1), date(1990, 1, 1), "january"),
        (date(1990, 1, 1), date(1990, 5, 2), "year"),
        (date(1990, 2, 5), date(1990, 5, 2), "swapped"),
        (date(1990, 5, 21), date(1990, 5, 2), "near"),
        (date(1990, 11, 2), date(1990, 5, 2), "near"),
        (date(1989, 5, 2), date(1990, 5, 2), "near"),
        (date(1970, 5, 2), date(1990, 5, 2), "near"),
        (date(1965, 5, 2), date(1990, 5, 2), "different"),
        (date(1990, 11, 12), date(1990, 5, 2), "different"),
        (date(1980, 1, 1), date(1990, 1, 1), "different"),
        (None, date(1990, 5, 2), None),
    ],
)
def test_birth_dates_agree_by_kind_of_error(one: date | None, other: date, level: str | None) -> None:
    assert birth_date(one, other) == birth_date(other, one) == level
