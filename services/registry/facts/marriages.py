"""Whether a person is married, and to whom: marriages and their ends, gone through in fact order. Part of the fold."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

from services.registry.facts.state import DIVORCED, MARRIED, UNSPECIFIED, WIDOWED
from services.registry.facts.values import Fact, Mention

Deaths: TypeAlias = Mapping[Mention, date]
"""Spouse, as the marriage mentions them → the day on which they died."""


def civil_status(ordered: Sequence[Fact], died_on: date | None, deaths: Deaths) -> tuple[str, Mention | None]:
    """The status, and the spouse where there is one.

    A dissolution ends the latest marriage with the spouse it names; where no number meets (a passport then, a resident
    number now), the latest marriage that stands. One of a marriage nobody reported still tells that there was one.
    The death of a spouse ends the marriage for whoever outlives it; one before the marriage, or on the day of the
    person's own death, ends nothing.
    """
    standing: list[Fact] = []
    ends: list[tuple[date, str]] = []
    for fact in ordered:
        standing = _outlived(standing, fact.effective_on, died_on, deaths, ends)
        if fact.type == "marriage.registered":
            standing.append(fact)
        elif fact.type == "marriage.dissolved":
            ended = next((each for each in reversed(standing) if _same_spouse(each, fact)), None)
            if ended is None and standing:
                ended = standing[-1]
            standing = [each for each in standing if each is not ended]
            ends.append((fact.effective_on, DIVORCED))
    standing = _outlived(standing, date.max, died_on, deaths, ends)
    if standing:
        return MARRIED, standing[-1].body.spouse
    return (max(ends)[1] if ends else UNSPECIFIED), None


def _outlived(
    standing: Sequence[Fact], before: date, died_on: date | None, deaths: Deaths, ends: list[tuple[date, str]]
) -> list[Fact]:
    """The marriages that no death of a spouse has ended before a day; notes the ends of the others."""
    left = []
    for marriage in standing:
        death = deaths.get(marriage.body.spouse) if marriage.body.spouse else None
        outlives = death is not None and (died_on is None or death < died_on)
        if death is not None and outlives and marriage.effective_on <= death < before:
            ends.append((death, WIDOWED))
        else:
            left.append(marriage)
    return left


def _same_spouse(marriage: Fact, end: Fact) -> bool:
    return bool(set(marriage.body.spouse_numbers) & set(end.body.spouse_numbers))
