"""Resident identity numbers: what is one, what is not, and that no message repeats it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from shared.identifiers.errors import InvalidIdentifier
from shared.identifiers.resident import CHECK_CHARACTERS, check_character, make, parse

TODAY = date(2026, 1, 1)
SAMPLES = ("11010519491231002X", make("370102", date(1988, 5, 16), 4), make("370112", date(2016, 2, 29), 999))


def _assert_rejected(number: str) -> InvalidIdentifier:
    with pytest.raises(InvalidIdentifier) as caught:
        parse(number, today=TODAY)
    return caught.value


def test_the_sample_of_the_standard_is_read() -> None:
    number = parse("11010519491231002X", today=TODAY)
    assert (number.area6, number.birth_date, number.sequence) == ("110105", date(1949, 12, 31), 2)
    assert (number.sex, number.holder) == ("female", "citizen")


def test_a_small_final_x_is_read_as_the_same_number() -> None:
    assert parse("11010519491231002x", today=TODAY) == parse("11010519491231002X", today=TODAY)


@pytest.mark.parametrize("number", SAMPLES)
def test_every_single_character_error_is_caught(number: str) -> None:
    for place, right in enumerate(number):
        for wrong in "0123456789X":
            if wrong != right:
                _assert_rejected(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize("number", SAMPLES)
def test_every_adjacent_transposition_is_caught(number: str) -> None:
    for place in range(len(number) - 1):
        if number[place] != number[place + 1]:
            _assert_rejected(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@pytest.mark.parametrize("number", ["110112199001010014", "440305197001010019"])
def test_an_area_younger_than_its_holder_is_valid(number: str) -> None:
    assert not ric.is_valid(number), "the trap in python-stdnum is gone: use it more"
    assert parse(number, today=TODAY).birth_date.year in (1990, 1970)


@pytest.mark.parametrize("prefix", ["810000", "820000", "830000"])
def test_residence_permits_are_valid(prefix: str) -> None:
    assert parse(make(prefix, date(1980, 2, 3), 17), today=TODAY).holder == "residence-permit"


def test_foreign_permanent_residents_are_valid() -> None:
    assert parse(make("911124", date(1981, 1, 1), 2), today=TODAY).holder == "foreign-permanent-resident"


@pytest.mark.parametrize("area6", ["370199", "990000", "000000"])
def test_an_unknown_area_never_rejects(area6: str) -> None:
    assert parse(make(area6, date(1980, 2, 3), 17), today=TODAY).area6 == area6


def test_a_birth_date_in_the_future_is_invalid() -> None:
    assert _assert_rejected(make("370102", date(2030, 1, 1), 1)).reason == "birth-date"
    assert _assert_rejected(make("370102", TODAY + timedelta(days=1), 1)).reason == "birth-date"
    assert parse(make("370102", TODAY, 1), today=TODAY).birth_date == TODAY


def test_today_is_taken_from_the_clock_when_not_given() -> None:
    with pytest.raises(InvalidIdentifier):
        parse(make("370102", date(9999, 1, 1), 1))


def test_dates_that_do_not_exist_are_invalid() -> None:
    for day in ("19490229", "19491301", "19490000"):
        first17 = f"110105{day}002"
        assert _assert_rejected(first17 + check_character(first17)).reason == "birth-date"
    first17 = "11010517991231002"
    assert _assert_rejected(first17 + check_character(first17)).reason == "birth-date"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", "length"),
        ("110105491231002", "length"),
        (" 11010519491231002X", "length"),
        ("1101051949123100X2", "characters"),
        ("١1010519491231002X", "characters"),
        ("11010519491231002Ⅹ", "characters"),
        ("110105194912310021", "check-character"),
    ],
)
def test_malformed_numbers_say_why_without_repeating_themselves(number: str, reason: str) -> None:
    error = _assert_rejected(number)
    assert error.reason == reason
    assert not number or number not in f"{error!s}{error!r}"


def test_a_number_is_not_shown_when_printed() -> None:
    assert not any(digit in repr(parse("11010519491231002X", today=TODAY)) for digit in "0123456789")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: make("37010", date(1980, 1, 1), 1),
        lambda: make("37010a", date(1980, 1, 1), 1),
        lambda: make("370102", date(1980, 1, 1), 1000),
        lambda: make("370102", date(1980, 1, 1), -1),
        lambda: make("370102", date(1700, 1, 1), 1),
        lambda: check_character("1234"),
        lambda: check_character("1234567890123456x"),
    ],
)
def test_parts_that_cannot_make_a_number_are_refused(wrong: Callable[[], str]) -> None:
    with pytest.raises(InvalidIdentifier):
        wrong()


@given(
    # 110101 has stood in the table all along, so that the oracle's traps about areas do not matter.
    born=st.dates(date(1950, 1, 1), TODAY),
    sequence=st.integers(0, 999),
)
def test_what_is_made_is_read_back_and_agrees_with_stdnum(born: date, sequence: int) -> None:
    number = make("110101", born, sequence)
    read = parse(number, today=TODAY)
    assert (read.birth_date, read.sequence, read.sex) == (born, sequence, "male" if sequence % 2 else "female")
    assert ric.is_valid(number)


@given(first17=st.from_regex(r"\A[0-9]{17}\Z"), last=st.sampled_from(CHECK_CHARACTERS))
def test_the_check_character_agrees_with_stdnum(first17: str, last: str) -> None:
    assert (check_character(first17) == last) == (ric.calc_check_digit(first17 + last) == last)


@given(text=st.text(alphabet="0123456789xX", min_size=18, max_size=18))
def test_whatever_is_refused_is_refused_without_its_text(text: str) -> None:
    said = ""
    try:
        parse(text, today=TODAY)
    except InvalidIdentifier as error:
        said = f"{error!s}{error!r}"
    assert text not in said
