"""Resident identity numbers after GB 11643: 6 digits area, 8 birth date, 3 sequence, 1 check character.

An area that no table knows never rejects a number: codes are split, merged and younger than many people who carry them.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from operator import mul
from typing import Literal

from shared import clock
from shared.identifiers.errors import InvalidIdentifier as InvalidIdentifier

Sex = Literal["male", "female"]
Holder = Literal["citizen", "residence-permit", "foreign-permanent-resident"]

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
_ZEROS = sum(WEIGHTS) * ord("0")
"""Digits are read as their bytes: several thousand numbers a second are checked."""
EARLIEST_YEAR = 1850
"""Nobody alive was born before it; the typing error is likelier."""

_WHAT = "the resident identity number"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_RESIDENCE_PERMIT = ("81", "82", "83")
"""Residents from Hong Kong, Macao and Taiwan living on the mainland carry these in place of a province."""


@dataclass(frozen=True, slots=True)
class ResidentNumber:
    """The parts of a valid number. They are not shown when it is printed: together they are the number."""

    area6: str = field(repr=False)
    birth_date: date = field(repr=False)
    sequence: int = field(repr=False)
    sex: Sex = field(repr=False)

    @property
    def holder(self) -> Holder:
        """Whom the number was given to, as its first digits tell."""
        if self.area6.startswith(_RESIDENCE_PERMIT):
            return "residence-permit"
        return "foreign-permanent-resident" if self.area6.startswith("9") else "citizen"


def check_character(first17: str) -> str:
    """The character that completes 17 digits (ISO 7064 MOD 11-2). Raises `InvalidIdentifier` for anything else."""
    if len(first17) != len(WEIGHTS):
        raise InvalidIdentifier(_WHAT, "length")
    if not (first17.isascii() and first17.isdigit()):
        raise InvalidIdentifier(_WHAT, "characters")
    return _completing(first17)


def _completing(digits: str) -> str:
    return CHECK_CHARACTERS[(sum(map(mul, WEIGHTS, digits.encode())) - _ZEROS) % 11]


def parse(number: str, *, today: date | None = None) -> ResidentNumber:
    """Read a number, or raise `InvalidIdentifier`. `today` (default: now in Asia/Shanghai) is the last possible birth
    date. A small final x is read as X; nothing else is forgiven."""
    if len(number) != len(WEIGHTS) + 1:
        raise InvalidIdentifier(_WHAT, "length")
    number = number[:-1] + number[-1].replace("x", "X")
    if not _SHAPE.fullmatch(number):
        raise InvalidIdentifier(_WHAT, "characters")
    if _completing(number[:17]) != number[17]:
        raise InvalidIdentifier(_WHAT, "check-character")
    try:
        birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise InvalidIdentifier(_WHAT, "birth-date") from None
    if birth_date.year < EARLIEST_YEAR or birth_date > (today or clock.today()):
        raise InvalidIdentifier(_WHAT, "birth-date")
    sequence = int(number[14:17])
    return ResidentNumber(number[:6], birth_date, sequence, sex_of(sequence))


def sex_of(sequence: int) -> Sex:
    """Odd sequences were given to men, even ones to women."""
    return "male" if sequence % 2 else "female"


def make(area6: str, birth_date: date, sequence: int) -> str:
    """The number for these parts, with its check character. Raises `InvalidIdentifier`."""
    if len(area6) != 6 or not (area6.isascii() and area6.isdigit()):
        raise InvalidIdentifier(_WHAT, "area")
    if not 0 <= sequence <= 999:
        raise InvalidIdentifier(_WHAT, "sequence")
    if birth_date.year < EARLIEST_YEAR:
        raise InvalidIdentifier(_WHAT, "birth-date")
    first17 = f"{area6}{birth_date:%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)
