"""Whether a person is married, and to whom: marriages and their ends, gone through in fact order. Part of the fold."""

from collections.abc import Sequence

from services.registry.facts.state import DIVORCED, MARRIED, UNSPECIFIED
from services.registry.facts.values import Fact, Mention


def civil_status(ordered: Sequence[Fact]) -> tuple[str, Mention | None]:
    """The status, and the spouse where there is one.

    A dissolution ends the latest marriage with the spouse it names; where no number meets (a passport then, a resident
    number now), the latest marriage that stands. One of a marriage nobody reported still tells that there was one.
    """
    standing: list[Fact] = []
    status = UNSPECIFIED
    for fact in ordered:
        if fact.type == "marriage.registered":
            standing.append(fact)
            status = MARRIED
        elif fact.type == "marriage.dissolved":
            ended = next((each for each in reversed(standing) if _same_spouse(each, fact)), None)
            if ended is None and standing:
                ended = standing[-1]
            standing = [each for each in standing if each is not ended]
            status = MARRIED if standing else DIVORCED
    return status, standing[-1].body.spouse if standing else None


def _same_spouse(marriage: Fact, end: Fact) -> bool:
    return bool(set(marriage.body.spouse_numbers) & set(end.body.spouse_numbers))
