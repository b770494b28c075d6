"""Bodies of what the registry's words ask of workers."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from services.alerts.episodes.schemas import Words as Sentence
from services.alerts.life.sealed import LifeNote
from services.alerts.life.words import FINDINGS
from shared.contracts.values import Identifier, Value
from shared.errors import RuleBroken
from shared.sharing.words import Words

Code = Annotated[str, Field(max_length=40)]


class FindingView(BaseModel):
    """One thing the registry said, in words for whoever cares for the person."""

    code: str
    text: Words

    @classmethod
    def all_of(cls, note: LifeNote) -> "list[FindingView]":
        """Everything that was found, in order."""
        return [cls(code=finding.value, text=FINDINGS[finding]) for finding in note.findings]


class LookedBody(Value):
    """The worker has looked. `findings`: what was shown, and is decided about; `goes_on`: it is her record, and it goes
    on, from today where the registry's words had stopped it; otherwise it is over, and why stays sealed. `identifiers`:
    whom it is about, where that was not certain."""

    goes_on: bool
    findings: Annotated[list[Code], Field(max_length=20)] = Field(default_factory=list)
    because: Sentence | None = None
    identifiers: Annotated[list[Identifier], Field(min_length=1, max_length=4)] | None = None

    @model_validator(mode="after")
    def an_end_has_a_reason(self) -> Self:
        """Which nobody but readers of the record sees."""
        if (self.because is None) != self.goes_on:
            raise RuleBroken("`because` comes with an end, and with nothing else", "仅在结束时须说明原因")
        return self
