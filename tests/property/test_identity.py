"""What holds of any two descriptions: order does not matter, rules are never outvoted, variants share a block."""

from datetime import date

import msgspec
import opencc
from hypothesis import assume, given
from hypothesis import strategies as st

from services.registry.facts.values import RESIDENT_NUMBER, NamedNumber
from services.registry.identity.blocking import MOST_BLOCKS, blocks, search_blocks
from services.registry.identity.description import Description
from services.registry.identity.score import score, verdict
from services.registry.identity.weights import current
from shared.identifiers.names import Likeness, likeness, parts, readings, sort_key

TRADITIONAL = opencc.OpenCC("s2t")
SURNAMES = st.sampled_from("王李张刘陈杨曾单仇解朴吕查盖覃").map(str) | st.sampled_from(["欧阳", "尉迟", "上官"])
GIVEN = st.text("小晓明红军芳宁国龙长乐晟茜莎伟纬玮后发云", min_size=1, max_size=2)
HAN = st.builds(str.__add__, SURNAMES, GIVEN)
UYGHUR = st.builds(
    "{}·{}".format, st.sampled_from(["阿依古丽", "买买提", "古丽娜尔"]), st.sampled_from(["吐尔逊", "依明", "买买提"])
)
LATIN = st.builds(
    "{} {}".format,
    st.sampled_from(["Anna", "Li", "Thomas", "Xiaoming"]),
    st.sampled_from(["Schmidt", "Wang", "Müller"]),
)
NAMES = HAN | UYGHUR | LATIN
DATES = st.dates(date(1930, 1, 1), date(2026, 1, 1)) | st.sampled_from([date(1990, 1, 1), date(1990, 5, 2)])
NUMBERS = st.lists(
    st.builds(
        NamedNumber,
        st.sampled_from([RESIDENT_NUMBER, "passport"]),
        st.sampled_from(["370102199005020011", "370102199005020021", "37010219900502002X", "E1234567"]),
    ),
    max_size=2,
    unique=True,
).map(tuple)
DESCRIPTIONS = st.builds(
    Description,
    name=NAMES | st.just(""),
    sex=st.sampled_from(["male", "female", "unknown", None]),
    birth_date=DATES | st.none(),
    numbers=NUMBERS,
    mother=NAMES | st.none(),
    father=NAMES | st.none(),
    area=st.sampled_from(["370102001001", "370102001002", "370102002001", "370102", "110101001001", None]),
)


@given(DESCRIPTIONS, DESCRIPTIONS)
def test_the_order_of_two_descriptions_does_not_matter(one: Description, other: Description) -> None:
    assert score(one, other, current()) == score(other, one, current())


@given(st.text(max_size=12) | NAMES, st.text(max_size=12) | NAMES)
def test_any_two_texts_can_be_compared_as_names_in_either_order(one: str, other: str) -> None:
    assert likeness(one, other) is likeness(other, one)
    assert (likeness(one, one) is Likeness.EXACT) == bool(parts(one).text)
    assert sort_key(one) == sort_key(one)


@given(DESCRIPTIONS, DESCRIPTIONS)
def test_a_pair_under_a_rule_is_never_certain_whatever_the_weights(one: Description, other: Description) -> None:
    eager = current().model_copy(update={"certain": -1000.0, "possible": -1001.0})
    scored = score(one, other, eager)

    assert (verdict(scored, eager) == "certain") == (not scored.rules)


@given(DESCRIPTIONS, DESCRIPTIONS, st.sets(st.sampled_from(Description.__struct_fields__), max_size=3))
def test_nothing_is_certain_that_a_person_would_doubt(one: Description, stranger: Description, taken: set[str]) -> None:
    other = msgspec.structs.replace(one, **{field: getattr(stranger, field) for field in taken})
    if verdict(score(one, other, current()), current()) != "certain":
        return

    assert likeness(one.name, other.name) in ("exact", "variant")
    assert {one.sex, other.sex} != {"male", "female"}
    assert one.birth_date is not None
    assert other.birth_date is not None
    same_parents = all(
        a and b and likeness(a, b) == "exact" for a, b in zip(_parents(one), _parents(other), strict=True)
    )
    near = bool(one.numbers and other.numbers) and one.birth_date == other.birth_date
    assert same_parents or near or set(one.numbers) & set(other.numbers)


def _parents(description: Description) -> tuple[str | None, str | None]:
    return description.mother, description.father


@given(DESCRIPTIONS)
def test_blocks_are_a_handful_and_always_the_same(description: Description) -> None:
    found = blocks(description)

    assert found == blocks(msgspec.structs.replace(description))
    assert len(found) <= MOST_BLOCKS
    assert bool(found) == (description.birth_date is not None and bool(description.name or description.mother))


@given(HAN, DATES)
def test_a_name_written_otherwise_shares_a_block(name: str, born: date) -> None:
    family = parts(name).family
    spoken = sort_key(name).split()[:-1]
    passport = f"{''.join(spoken[: len(family)])} {''.join(spoken[len(family) :])}".upper().replace("V", "YU")
    others = [TRADITIONAL.convert(name), name[len(family) :] + family, passport]

    for other in others:
        assert readings(name) & readings(other)
        assert search_blocks(name, born) & search_blocks(other, born)


@given(HAN, st.integers(0, 2), st.sampled_from("红军芳宁"), DATES)
def test_one_wrong_character_shares_a_block_on_the_same_birth_date(name: str, at: int, wrong: str, born: date) -> None:
    assume(at < len(name))

    assert search_blocks(name, born) & search_blocks(name[:at] + wrong + name[at + 1 :], born)


@given(NAMES, DATES, DATES)
def test_a_wrong_day_month_or_year_shares_a_block_under_the_same_name(name: str, born: date, other: date) -> None:
    assume(born.year == other.year or (born.month, born.day) == (other.month, other.day))

    assert search_blocks(name, born) & search_blocks(name, other)


@given(NAMES, DATES)
def test_an_unnamed_child_shares_a_block_with_the_named_one_by_its_mother(mother: str, born: date) -> None:
    unnamed = Description("", None, born, mother=mother)

    assert blocks(unnamed) & blocks(Description("王小明", "male", born, mother=mother))
    assert blocks(unnamed) == blocks(Description("", "male", born, mother=mother))
