"""Comparators: how much two values of one field agree. Each gives a level by name, or None where one side says nothing:
then the field is no evidence. Which levels there are and what they weigh is data (weights.v1.yaml). Pure."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from services.registry.facts.values import UNIQUE_WITHOUT_ISSUER, NamedNumber
from shared.identifiers.names import likeness
from shared.identifiers.spelling import edits, within_edits

Compare = Callable[[object, object], str | None]


def name(one: object, other: object) -> str | None:
    """exact, variant, similar, part or different (shared/identifiers/names.py)."""
    if not one or not other:
        return None
    return likeness(str(one), str(other)).value


def sex(one: object, other: object) -> str | None:
    """same or different; a sex that is not known is no evidence."""
    if one not in ("male", "female") or other not in ("male", "female"):
        return None
    return "same" if one == other else "different"


def birth_date(one: object, other: object) -> str | None:
    """exact; january (the same 1 January: written where only the year is known, or nothing); year (one is 1 January of
    the other's year); swapped (day and month); near (only the day or the month differs, or the year by one or in
    one digit); different."""
    if not isinstance(one, date) or not isinstance(other, date):
        return None
    if one == other:
        return "january" if is_january(one) else "exact"
    if one.year == other.year:
        if is_january(one) or is_january(other):
            return "year"
        if (one.month, one.day) == (other.day, other.month):
            return "swapped"
        return "near" if one.month == other.month or one.day == other.day else "different"
    if (one.month, one.day) != (other.month, other.day) or is_january(one):
        return "different"
    return "near" if abs(one.year - other.year) == 1 or within_edits(str(one.year), str(other.year), 1) else "different"


def is_january(day: date) -> bool:
    """Whether it is a 1 January, which stands in registers for any day of the year."""
    return (day.month, day.day) == (1, 1)


def numbers(one: object, other: object) -> str | None:
    """exact (one number in common; of a passport one side may not say who issued it); near (one wrong character, or two
    neighbours swapped); different (each has a number that nobody has two of). Passports are renewed: two of them are no
    evidence."""
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    if not one or not other:
        return None
    if any(_same(a, b) for a in one for b in other):
        return "exact"
    pairs = [(a, b) for a in one for b in other if (a.type, a.issuer) == (b.type, b.issuer)]
    if any(_near(a, b) for a, b in pairs):
        return "near"
    return "different" if any(a.type in UNIQUE_WITHOUT_ISSUER for a, _ in pairs) else None


def _same(one: NamedNumber, other: NamedNumber) -> bool:
    issuers = {one.issuer, other.issuer} - {""}
    return (one.type, one.value) == (other.type, other.value) and len(issuers) < 2


def _near(one: NamedNumber, other: NamedNumber) -> bool:
    return len(one.value) == len(other.value) > 5 and within_edits(one.value, other.value, 1)


def area(one: object, other: object) -> str | None:
    """community, township, county or different: the smallest area that holds both."""
    if not one or not other:
        return None
    a, b = str(one), str(other)
    if a[:6] != b[:6]:
        return "different"
    if a == b and len(a) == 12:
        return "community"
    return "township" if len(a) == len(b) == 12 and a[:9] == b[:9] else "county"


def text(one: object, other: object) -> str | None:
    """exact, near (one edit), far (two edits in six characters or more) or different: for fields without a meaning of
    their own."""
    if not one or not other:
        return None
    a, b = str(one), str(other)
    if a == b:
        return "exact"
    apart = edits(a, b, 2)
    if apart == 1 and min(len(a), len(b)) > 2:
        return "near"
    return "far" if apart == 2 and min(len(a), len(b)) > 5 else "different"


COMPARATORS: Final[Mapping[str, Compare]] = {
    "name": name,
    "sex": sex,
    "birth_date": birth_date,
    "numbers": numbers,
    "area": area,
    "text": text,
}
"""By the names that a weights file uses."""

LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("exact", "variant", "similar", "part", "different"),
    "sex": ("same", "different"),
    "birth_date": ("exact", "january", "year", "swapped", "near", "different"),
    "numbers": ("exact", "near", "different"),
    "area": ("community", "township", "county", "different"),
    "text": ("exact", "near", "far", "different"),
}
"""Every level that each comparator may give: a weights file names them all."""
