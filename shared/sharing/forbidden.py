"""Names that may not exist (protection rules 1, 2, 3 and 5): stems, and why. Read by agreements and by structure tests.

Names are compared word by word (`birth_quota`, `birthQuota` and `birth-quota` are the words birth, quota). A stem of
one word matches the beginning of any word; a stem of several words matches that sequence. Chinese stems match anywhere.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple


class Forbidden(NamedTuple):
    """A stem, the protection rule that forbids it, why, and whether the care service alone may use it (rule 3)."""

    stem: str
    rule: int
    why: str
    in_care: bool = False


def _stems(rule: int, why: str, listed: str, *, in_care: bool = False) -> Iterator[Forbidden]:
    """One entry per stem of a list separated by commas."""
    return (Forbidden(stem.strip(), rule, why, in_care) for stem in listed.split(","))


_CONTROL = "birth control by data: no allowed, planned, excess or illegal births, no sanctions, no procedures"
_CARE = "pregnancy data exists only inside the alerts service, with her consent"
_PERSONAL = "not representable: it serves no purpose of this platform and could be turned against people"

STEMS: tuple[Forbidden, ...] = (
    *_stems(
        1, _CONTROL, "quota birth, birth quota, birth target, birth limit, birth permit, birth permission, birth plan"
    ),
    *_stems(1, _CONTROL, "permitted birth, allowed birth, planned birth, unplanned, excess birth, illegal birth"),
    *_stems(1, _CONTROL, "out of plan, within plan, over quota, family planning, one child, second child, third child"),
    *_stems(1, _CONTROL, "fine, fines, sanction, penalt, punish, social maintenance, contracep, sterilis, steriliz"),
    *_stems(1, _CONTROL, "iud, vasectom, tubal, ligation, abortion, abort induced, induced labour, induced labor"),
    *_stems(
        1,
        _CONTROL,
        "计划生育, 超生, 准生, 生育指标, 生育证, 计划外, 社会抚养费, 节育, 避孕, 绝育, 结扎, 引产, 人流手术",
    ),
    *_stems(1, "no ranking of officials, villages or areas by births", "rank, league, scoreboard, 排名, 一票否决"),
    *_stems(2, "pregnancy is never inferred", "likely preg, suspected preg, predicted preg, inferred preg, preg score"),
    *_stems(2, "a marriage never starts anything", "newlywed, newly married, 新婚"),
    *_stems(
        3, _CARE, "pregnan, gestation, antenatal, prenatal, menstrua, last menstrual, lmp, edd, gravid", in_care=True
    ),
    *_stems(3, _CARE, "parity, miscarr, stillbirth, trimester, 怀孕, 孕妇, 孕产, 妊娠, 流产", in_care=True),
    *_stems(5, "why a pregnancy ended stays in the care record", "ended because, termination reason", in_care=True),
    *_stems(
        5, _PERSONAL, "fetal sex, foetal sex, fetus sex, sex of fetus, ethnic, minzu, religio, politic, party member"
    ),
    *_stems(5, _PERSONAL, "credit, biometr, fingerprint, iris, voiceprint, faceprint, face template, dna, genetic"),
    *_stems(5, _PERSONAL, "胎儿性别, 民族, 宗教, 政治面貌, 征信, 信用, 指纹, 虹膜, 人脸"),
)

# Whole words only: as beginnings they would hit words that mean something else (finest, eddy, dnat).
_WHOLE = frozenset({"fine", "fines", "iud", "lmp", "edd", "iris", "dna", "tubal"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words_of(name: str) -> list[str]:
    """Split an identifier into lower-case words: snake, kebab and camel case alike."""
    return [word.lower() for word in _WORD.findall(name)]


@lru_cache(maxsize=10_000)
def forbidden_in(name: str, *, care: bool = False) -> tuple[Forbidden, ...]:
    """Every stem that `name` breaks; `care` says that the name stands inside the alerts service."""
    words = words_of(name)
    return tuple(entry for entry in STEMS if not (care and entry.in_care) and _matches(entry.stem, words, name))


def _matches(stem: str, words: list[str], name: str) -> bool:
    if not stem.isascii():
        return stem in name
    parts = stem.split()
    return any(
        all(_fits(part, word) for part, word in zip(parts, words[start:], strict=False))
        for start in range(len(words) - len(parts) + 1)
    )


def _fits(part: str, word: str) -> bool:
    return word == part if part in _WHOLE else word.startswith(part)
