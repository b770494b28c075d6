"""What a row of the list and a row of the journal say together. Pure."""

from dataclasses import dataclass
from typing import Final

ONLY_THERE: Final = "only-there"
ONLY_HERE: Final = "only-here"
DIFFERS: Final = "differs"
NOT_APPLIED: Final = "not-applied"
KINDS = (ONLY_THERE, ONLY_HERE, DIFFERS, NOT_APPLIED)

WHYS = ("never-reported", "not-listed", "held", "rejected", "superseded", "other-content", "other-period")


@dataclass(frozen=True)
class Pair:
    """One vital event: whether the list and the journal have it, and how it stands in the journal."""

    listed: bool
    reported: bool
    same: bool = True
    in_period: bool = True
    status: str = "accepted"
    superseded: bool = False


def difference_of(pair: Pair) -> tuple[str, str] | None:
    """Kind and reason of a difference; None where both have the same, applied or on its way to be."""
    if not pair.reported:
        return ONLY_THERE, "never-reported"
    standing = standing_of(pair)
    if not pair.listed:
        return ONLY_HERE, standing or "not-listed"
    if not pair.in_period:
        return DIFFERS, "other-period"
    if not pair.same:
        return DIFFERS, "other-content"
    return (NOT_APPLIED, standing) if standing else None


def standing_of(pair: Pair) -> str | None:
    """Why an accepted event does not count, if it does not."""
    if pair.status in ("held", "rejected"):
        return pair.status
    return "superseded" if pair.superseded else None
