"""Names as they are compared: in characters and by sound."""

import pytest

from shared.identifiers.names import Likeness, likeness, parts, plain, readings, simplified, sort_key
from shared.identifiers.pinyin import MOST_READINGS, cut
from shared.identifiers.spelling import edits, within_edits

WRITTEN_OTHERWISE = [
    ("张伟", "張偉"),
    ("陈国龙", "陳國龍"),
    ("王小明", "小明王"),
    ("欧阳修文", "修文欧阳"),
    ("王小明", "WANG XIAOMING"),
    ("王小明", "Xiaoming Wang"),
    ("王小明", "Wáng Xiǎo-Míng"),
    ("单雄信", "SHAN XIONGXIN"),
    ("单雄信", "DAN XIONGXIN"),
    ("曾国藩", "ZENG GUOFAN"),
    ("仇和", "QIU HE"),
    ("解晓东", "XIE XIAODONG"),
    ("朴志远", "PIAO ZHIYUAN"),
    ("尉迟恭", "YUCHI GONG"),
    ("吕布", "LYU BU"),
    ("吕布", "LU BU"),
    ("吕布", "LÜ BU"),
    ("西安", "XI'AN"),
    ("孙乐", "SUN YUE"),
    ("阿依古丽·买买提", "买买提•阿依古丽"),
    ("阿依古丽·买买提", "阿依古丽买买提"),
    ("Anna Schmidt", "SCHMIDT, Anna"),
]
TYPING_ERRORS = [
    ("王小明", "王晓明"),
    ("王小明", "王小红"),
    ("王小明", "汪小明"),
    ("王小明", "王小"),
    ("王小明", "王明小"),
    ("王伟", "王玮"),
    ("阿依古丽·买买提", "阿衣古丽·买买提"),
    ("阿依古丽·买买提", "阿依古丽"),
    ("Anna Maria Schmidt", "Anna Schmidt"),
    ("王小明", "WANG XIAOMIN"),
]
HALF_THE_NAME = [
    ("王伟", "李伟"),
    ("王伟", "王强"),
    ("王小明", "王建国"),
    ("Anna Schmidt", "Anna Müller"),
    ("王伟", "汪玮"),
]
OTHER_PEOPLE = [
    ("王伟", "李强"),
    ("王伟", "??"),
    ("王小明", "陈建国"),
    ("Anna Schmidt", "Peter Novák"),
    ("王伟", ""),
    ("", ""),
]


@pytest.mark.parametrize(("one", "other"), WRITTEN_OTHERWISE)
def test_one_name_written_otherwise_is_a_variant_with_a_reading_in_common(one: str, other: str) -> None:
    assert likeness(one, other) is likeness(other, one) is Likeness.VARIANT
    if "·" not in one:
        assert readings(one) & readings(other)


@pytest.mark.parametrize(("one", "other"), TYPING_ERRORS)
def test_a_wrong_or_missing_character_makes_names_similar(one: str, other: str) -> None:
    assert likeness(one, other) is likeness(other, one) is Likeness.SIMILAR


@pytest.mark.parametrize(("one", "other"), HALF_THE_NAME)
def test_half_a_name_is_only_a_part(one: str, other: str) -> None:
    assert likeness(one, other) is likeness(other, one) is Likeness.PART


@pytest.mark.parametrize(("one", "other"), OTHER_PEOPLE)
def test_two_names_differ_and_nothing_agrees_with_no_name(one: str, other: str) -> None:
    assert likeness(one, other) is likeness(other, one) is Likeness.DIFFERENT


@pytest.mark.parametrize("other", ["王 小明", "王小明", " 王小明 "])
def test_spaces_and_widths_are_no_difference(other: str) -> None:
    assert likeness("王小明", other) is Likeness.EXACT
    assert plain(other) == "王小明"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("单雄信", "shan xiong xin"),
        ("曾国藩", "zeng guo fan"),
        ("仇和", "qiu he"),
        ("解晓东", "xie xiao dong"),
        ("朴志远", "piao zhi yuan"),
        ("欧阳修", "ou yang xiu"),
        ("万俟卨", "mo qi xie"),
        ("吕布", "lv bu"),
    ],
)
def test_lists_are_sorted_by_the_reading_of_the_surname(name: str, key: str) -> None:
    assert sort_key(name) == f"{key} {name}"


def test_transcribed_and_latin_names_are_sorted_as_written() -> None:
    assert sort_key("阿依古丽·买买提").startswith("a yi gu li mai mai ti ")
    assert sort_key("Anna Schmidt").startswith("anna schmidt ")


def test_a_name_of_many_readings_keeps_the_likeliest() -> None:
    assert len(readings("乐乐乐长重")) == MOST_READINGS


def test_characters_are_folded_one_by_one() -> None:
    assert simplified("陳後發") == "陈后发"


def test_latin_words_are_cut_into_syllables_fewest_first() -> None:
    assert cut("xian")[:2] == (("xian",), ("xi", "an"))
    assert cut("schmidt") == cut("ábc") == cut("") == ()


def test_a_name_taken_apart_does_not_show_it_when_printed() -> None:
    assert "小明" not in repr(parts("王小明"))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("abc", "abc", 0),
        ("abc", "abd", 1),
        ("abcd", "abdc", 1),
        ("abc", "abcd", 1),
        ("abcd", "badc", 2),
        ("ab", "xyz", 3),
    ],
)
def test_edits_are_counted_swapped_neighbours_as_one(one: str, other: str, apart: int) -> None:
    assert edits(one, other, 3) == edits(other, one, 3) == apart
    assert within_edits(one, other, 1) == (apart <= 1)


def test_edits_are_counted_no_further_than_asked() -> None:
    assert edits("abcdefgh", "hgfedcba", 2) == 3
    assert edits("a", "abcdef", 2) == 3
