"""What is known at once of nearly everybody is what a longer look would find."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.registry.areas.moved import Moved
from services.registry.contradictions.rules import as_numbered
from services.registry.identity.components import SourceRecord, ambiguity
from shared.identifiers.areas import Area, AreaTable
from shared.identifiers.errors import InvalidIdentifier
from shared.identifiers.resident import make, parse

DAY, ENDED = date(2026, 1, 1), date(2025, 1, 1)


def area(code: str, *successors: str, until: date | None = ENDED, **more: object) -> Area:
    """An area; one with successors has ended."""
    return Area.model_validate(
        {"code": code, "zh": "地", "en": "Place", "valid_until": until if successors else None}
        | {"successors": successors, **more}
    )


TABLE = AreaTable(
    (
        area("370102"),
        area("370102901000"),
        area("370102901001"),
        area("370102902000", "370102901000"),
        area("370102902001"),
        area("370102903000", "370102901000", "370102904000", households={"370102904000": ("H1",)}),
        area("370102904000"),
        area("370105", "370102"),
        area("370102905000", "370102904000", until=date(2027, 1, 1)),
    )
)
CODES = st.sampled_from([*TABLE, "370102902009", "370102903001", "370105001001", "370105000000", "000000", "3701", ""])


@given(CODES | st.text(max_size=12), st.sampled_from([None, "H1", "H2"]))
def test_where_a_place_is_today(code: str, household: str | None) -> None:
    try:
        expected = TABLE.at(code, DAY, household)
    except InvalidIdentifier:
        expected = code
    assert Moved(TABLE, DAY).code(code, household) == expected


RECORDS = st.builds(
    SourceRecord,
    st.frozensets(st.sampled_from(["1", "2"]), max_size=2),
    st.sampled_from(["", "王伟", "王 伟", "李娜"]),
    st.sampled_from([date(1990, 1, 1), date(1990, 1, 2), date(2010, 1, 1)]),
    st.none() | st.just(("李娜", date(1990, 1, 1))),
)


@given(st.lists(RECORDS, max_size=3))
def test_records_that_are_alike_are_nobody_elses(records: list[SourceRecord]) -> None:
    assert ambiguity(records) == ambiguity(records, [[]])  # something decided, about nobody: looked at in full


@given(
    st.dates(date(1900, 1, 1), date(2020, 1, 1)),
    st.integers(0, 999),
    st.none() | st.dates(date(1900, 1, 1), date(2020, 1, 1)),
    st.sampled_from([None, "male", "female", "unknown"]),
    st.booleans(),
)
def test_a_number_tells_birth_date_and_sex(
    born: date, sequence: int, stated: date | None, sex: str | None, same: bool
) -> None:
    number = make("370102", born, sequence)
    stated = born if same else stated
    told = parse(number)
    assert as_numbered(number, stated, sex) == ((told.birth_date, told.sex) == (stated, sex))
