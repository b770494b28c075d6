"""Areas as statistics count them: the one place that reads area codes here.

The county of a register is every county of which the provisioned table lists townships or communities; whoever lives
elsewhere does not count. A place is written by the digits it and all within it begin with (6, 9 or 12).
"""

from functools import lru_cache
from pathlib import Path

from shared.identifiers.areas import AreaCode, AreaTable, Level
from shared.identifiers.errors import InvalidIdentifier

COUNTY = ""
"""The whole county: every place begins with it."""
LEVELS = (6, 9, 12)


def home_of(provisioning: Path) -> frozenset[str]:
    """The counties (6 digits) of this register."""
    codes = map(AreaCode.parse, AreaTable.load(provisioning / "areas.yaml"))
    return frozenset(code.text[:6] for code in codes if code.level in (Level.TOWNSHIP, Level.COMMUNITY))


def place(area: str | None, home: frozenset[str]) -> str | None:
    """Where somebody counts who lives in that area; None outside the county."""
    return None if area is None or area[:6] not in home else _prefix(area)


@lru_cache(maxsize=10_000)
def _prefix(area: str) -> str | None:
    try:
        return AreaCode.parse(area).prefix
    except InvalidIdentifier:
        return None


def shared_digits(one: str, other: str) -> int:
    """The longest place that holds both, in digits; 0: none does. Within it a move between the two changes nothing."""
    return max((level for level in LEVELS if len(one) >= level and one[:level] == other[:level]), default=0)


def township(found: str) -> str:
    """The township of a place, or the county where no more is known."""
    return found[:9]
