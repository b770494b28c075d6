"""What no sum of weights may decide: rules that keep a pair from being certain, and one that keeps it from being
dismissed (protection rule 11: nothing below certainty is decided by machine). Pure."""

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Final, NamedTuple

from services.registry.facts.values import RESIDENT_NUMBER, UNIQUE_WITHOUT_ISSUER
from services.registry.identity.comparing import is_january
from services.registry.identity.description import Description
from shared.identifiers.resident import InvalidIdentifier, parse
from shared.identifiers.spelling import within_edits

Levels = Mapping[str, str | None]
Applies = Callable[[Description, Description, Levels], bool]

SAME_NAME = ("exact", "variant")


class Rule(NamedTuple):
    """`clerical`: the pair goes to a clerk even where the weights would dismiss it; else it is only never certain."""

    name: str
    applies: Applies
    clerical: bool = False


def _twins(a: Description, b: Description, levels: Levels) -> bool:
    """Born on one day of one mother, or under one family name: twins are alike in everything but the given name."""
    return levels["birth_date"] in ("exact", "january") and levels["name"] not in SAME_NAME


def _neighbours(a: Description, b: Description, levels: Levels) -> bool:
    """Name and birthday agree by chance somewhere in every city: a number must agree too, or both parents, and then
    character by character: many names sound alike."""
    by_name = all(levels[field] == "exact" for field in ("name", "mother", "father"))
    return levels["numbers"] not in ("exact", "near") and not by_name


def _weak_birth_date(a: Description, b: Description, levels: Levels) -> bool:
    """A 1 January is written where the day is not known; it proves nothing without the number."""
    weak = any(each.birth_date is not None and is_january(each.birth_date) for each in (a, b))
    return weak and levels["numbers"] != "exact"


def _shared_number(a: Description, b: Description, levels: Levels) -> bool:
    """Numbers given out twice exist, and so do copied ones: the number alone neither joins two people nor parts one."""
    apart = levels["name"] not in SAME_NAME or levels["birth_date"] == "different"
    return levels["numbers"] == "exact" and apart


def _near_number(a: Description, b: Description, levels: Levels) -> bool:
    """A number with one wrong digit counts only where the number itself shows that it is wrong, and all else agrees.
    Passports and birth certificates show nothing: they are issued in series, and namesakes come on one day."""
    agreed = levels["name"] in SAME_NAME and levels["birth_date"] == "exact" and levels["sex"] == "same"
    parents = all(levels[field] in (None, *SAME_NAME) for field in ("mother", "father"))
    slip = mistyped(valued(a, RESIDENT_NUMBER), valued(b, RESIDENT_NUMBER))
    return levels["numbers"] == "near" and not (slip and agreed and parents)


def _two_numbers(a: Description, b: Description, levels: Levels) -> bool:
    """Each has a number of a kind that nobody has two of, whatever other paper they share."""
    for kind in sorted(UNIQUE_WITHOUT_ISSUER):
        one, other = valued(a, kind), valued(b, kind)
        if one and other and one.isdisjoint(other) and not (kind == RESIDENT_NUMBER and mistyped(one, other)):
            return True
    return False


def valued(description: Description, kind: str) -> set[str]:
    """The numbers of one kind."""
    return {number.value for number in description.numbers if number.type == kind}


def mistyped(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether one resident identity number is another with one wrong digit: its check character is wrong, the other's
    is right. Two that are right never lie so near each other."""
    return any(
        is_valid(one) != is_valid(other) and within_edits(one, other, 1)
        for one, other in product(some, others)
        if len(one) == len(other)
    )


def is_valid(number: str) -> bool:
    """Whether it is a resident identity number that may have been given (GB 11643)."""
    try:
        parse(number)
    except InvalidIdentifier:
        return False
    return True


def _other_name(a: Description, b: Description, levels: Levels) -> bool:
    """A changed surname or another given name is for a person to judge, whatever else agrees."""
    return levels["name"] not in SAME_NAME


def _other_sex(a: Description, b: Description, levels: Levels) -> bool:
    return levels["sex"] == "different"


def _other_birth_date(a: Description, b: Description, levels: Levels) -> bool:
    """Without the same number, only the same day will do; with it, a wrong day or month: another year is a father's or
    a son's of the same name."""
    if levels["birth_date"] in ("exact", "january"):
        return False
    known = a.birth_date is not None and b.birth_date is not None and a.birth_date.year == b.birth_date.year
    return levels["numbers"] != "exact" or levels["birth_date"] == "different" or not known


RULES: Final = (
    Rule("shared-number", _shared_number, clerical=True),
    Rule("twins", _twins),
    Rule("neighbours", _neighbours),
    Rule("weak-birth-date", _weak_birth_date),
    Rule("near-number", _near_number),
    Rule("two-numbers", _two_numbers),
    Rule("other-name", _other_name),
    Rule("other-sex", _other_sex),
    Rule("other-birth-date", _other_birth_date),
)
CLERICAL: Final = frozenset(rule.name for rule in RULES if rule.clerical)


def applying(a: Description, b: Description, levels: Levels) -> tuple[str, ...]:
    """The names of the rules that keep the pair from being certain. `levels`: of every field of a description."""
    return tuple(rule.name for rule in RULES if rule.applies(a, b, levels))
