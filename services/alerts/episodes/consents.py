"""The texts of consents: versioned data in both languages, and how long each holds. Pure but for reading the file."""

import calendar
import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.alerts.episodes.record import Kind
from shared.sharing.provisioning import read

FILE = Path(__file__).with_name("consents.yaml")

Language = Literal["zh", "en"]
Channel = Literal["in-person-written", "in-person-spoken", "own-page", "telephone"]


class ConsentText(BaseModel):
    """One version of one text."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,31}$")]
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}$")]
    in_force_from: date
    kinds: tuple[Kind, ...]
    months: Annotated[int, Field(ge=1, le=120)]
    zh: Annotated[str, StringConstraints(min_length=40)]
    en: Annotated[str, StringConstraints(min_length=40)]

    def words(self, language: Language) -> str:
        """What she was given."""
        return self.zh if language == "zh" else self.en

    def digest(self, language: Language) -> str:
        """SHA-256 of these words."""
        return hashlib.sha256(self.words(language).encode()).hexdigest()

    def last_day(self, given_on: date) -> date:
        """The last day on which a consent given that day may hold."""
        return months_after(given_on, self.months)


class _File(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    consents: list[ConsentText]


class Consents:
    """All versions of all texts."""

    def __init__(self, texts: Iterable[ConsentText]) -> None:
        listed = list(texts)
        self.texts = {(each.text, each.version): each for each in listed}
        if len(self.texts) != len(listed):
            raise ValueError("a version of a consent's text stands twice")

    @classmethod
    def load(cls, path: Path = FILE) -> "Consents":
        """Read `consents.yaml`. Raises ProvisioningRefused with the place, or ValueError for a version that stands
        twice."""
        return cls(read(_File, path).consents)

    def in_force(self, kind: Kind, day: date) -> list[ConsentText]:
        """The newest version of each text that may be agreed to that day."""
        found: dict[str, ConsentText] = {}
        for each in sorted(self.texts.values(), key=lambda text: (text.in_force_from, text.version)):
            if each.in_force_from <= day and kind in each.kinds:
                found[each.text] = each
        return list(found.values())


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
