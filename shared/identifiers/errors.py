"""What is said of an identifier that cannot be one."""

from typing import Literal

Reason = Literal["length", "characters", "birth-date", "check-character", "area", "sequence"]

_MEANING: dict[Reason, str] = {
    "length": "has the wrong number of characters",
    "characters": "holds a character that may not stand there",
    "birth-date": "holds a birth date that does not exist or lies in the future",
    "check-character": "does not agree with its check character",
    "area": "is not an area code of 6 or 12 digits",
    "sequence": "needs a sequence between 0 and 999",
}


class InvalidIdentifier(ValueError):
    """An identifier that breaks its own rules.

    The text never repeats the identifier: it ends up in answers and logs (protection rule 7).
    """

    def __init__(self, what: str, reason: Reason) -> None:
        self.reason = reason
        super().__init__(f"{what} {_MEANING[reason]}")
