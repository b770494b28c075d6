"""The numbers of the rules, and their words: versioned data in both languages. Pure but for reading the file."""

from pathlib import Path
from typing import Annotated, ClassVar, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.alerts.misuse.rules import Rule
from shared.sharing.provisioning import read
from shared.sharing.words import Sentence, Words

FILE = Path(__file__).with_name("rules.yaml")
Hour = Annotated[int, Field(ge=0, le=23)]


class _Frozen(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


class Limit(_Frozen):
    """A rule notices more than `above`: episodes, or days on which one was opened."""

    rule: Rule
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}$")]
    above: Annotated[int, Field(ge=0)]
    zh: Sentence
    en: Sentence

    @property
    def words(self) -> Words:
        """What it notices, for whoever decides."""
        return Words(zh=self.zh, en=self.en)


class Night(_Frozen):
    """From one hour to another one, Asia/Shanghai; the second is the first hour of the day."""

    begins: Hour
    ends: Hour

    @property
    def hours(self) -> list[int]:
        """The hours that are night; it may pass midnight."""
        return [hour for hour in range(24) if (hour - self.begins) % 24 < (self.ends - self.begins) % 24]


class Limits(_Frozen):
    """All rules, each once. Days are whole ones: `looks_back` before the day that is judged count with it, `waits` pass
    before it is judged, and an episode is over when `after_end` have passed since it ended."""

    looks_back: Annotated[int, Field(ge=1, le=60)]
    waits: Annotated[int, Field(ge=1, le=7)]
    night: Night
    after_end: Annotated[int, Field(ge=0, le=365)]
    rules: list[Limit]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if sorted(each.rule for each in self.rules) != sorted(get_args(Rule)):
            raise ValueError("each rule stands once")
        return self

    @property
    def above(self) -> dict[Rule, int]:
        """The number of each."""
        return {each.rule: each.above for each in self.rules}

    def of(self, rule: str) -> Limit:
        """One of them. Raises KeyError."""
        return {str(each.rule): each for each in self.rules}[rule]


def load(path: Path = FILE) -> Limits:
    """Read `rules.yaml`. Raises ProvisioningRefused with the place."""
    return read(Limits, path)
