"""Bodies of reviews: what a registry clerk sees of the people in question, and what they decide."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.errors_text import RuleBroken

Kind = Literal[
    "ambiguous-identity",
    "would-part",
    "possible-match",
    "merge-questioned",
    "records-after-merge",
    "split-asked",
    "supersedes-another-kind",
]
Standing = Literal["open", "decided", "lapsed"]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ReviewListed(BaseModel):
    """One review without anybody in it. `due`: the last day before a held event is rejected; `asked`: an official
    asked for it, and another one decides."""

    review: UUID
    kind: Kind
    standing: Standing
    opened_at: datetime
    due: date | None
    asked: bool


class ReviewList(BaseModel):
    """Reviews, the oldest first. Ask on with `after=next_after` until it is null."""

    reviews: list[ReviewListed]
    next_after: UUID | None


class Number(BaseModel):
    """An identifier."""

    type: str
    value: str
    issuer: str


class Record(BaseModel):
    """What one source record says of the person. `number`: its place here; `about`: how a decision names it; who
    reported it, and when it took effect (null for all departments but the caller's own: nobody is to know of an
    adoption, and a blank for civil affairs alone would tell). What happened is not said: whose it is
    does not depend on it."""

    number: int
    about: str
    department: str | None
    effective_on: date | None
    recorded_at: datetime | None
    name: str
    sex: str
    birth_date: date
    identifiers: list[Number]


class Candidate(BaseModel):
    """Somebody who may be meant: by the department's own reference, as they stand, with their source records."""

    reference: str
    name: str | None
    sex: str | None
    birth_date: date | None
    identity_number: str | None
    registered_area: str | None
    died_on: date | None
    records: list[Record]


class Question(BaseModel):
    """A record of a held event of which it is unclear who is meant. `about`: how the decision names it."""

    about: str
    reason: str
    record: Record
    candidates: list[str]


class Parting(BaseModel):
    """Somebody who would fall apart: the records that would hold together, by number."""

    reference: str
    pieces: list[list[int]]


class Decided(BaseModel):
    """One decision of a review."""

    kind: str
    subject: str
    department: str | None
    weights: str | None
    decided_at: datetime


class ReviewShown(ReviewListed):
    """A review with everyone in question side by side. `version` goes with the decision: it is refused where a record
    has come or gone since. `explanation`: the score of two people, field by field."""

    version: str = ""
    candidates: list[Candidate] = []
    questions: list[Question] = []
    partings: list[Parting] = []
    score: float | None = None
    explanation: list[dict[str, str | float | None]] = []
    decided: list[Decided] = []


class Decision(BaseModel):
    """What a clerk decides.

    `link`: of a held event, to whom each record in question belongs (`to`: its name in `about` → a candidate's
    reference; one that is not named is a new person); without `to` only where somebody would fall apart: they stay one.
    `separate`: each record in question is a new person; two people are two. `merge`: all candidates are one person,
    and the record theirs. `split`: who would fall apart does; of somebody who is asked about, the records `leaving` (by
    their `about`) are another person's. `undo`: the merge was wrong. `reject`: a held event is
    rejected for good, because it supersedes another kind or because it cannot be told whose it is; its department
    reports it again without the mistake, or with what tells.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    decision: Literal["link", "separate", "merge", "split", "undo", "reject"]
    to: dict[Name, Name] = Field(default_factory=dict, max_length=20)
    leaving: list[Name] = Field(default_factory=list, max_length=1000)
    reason: Reason
    version: Name


class Asked(BaseModel):
    """A request that another official decides: `merge` two people, `split` somebody who is two, or `undo` the merge by
    which one reference became another's (that former reference)."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    ask: Literal["merge", "split", "undo"]
    people: Annotated[list[Name], Field(min_length=1, max_length=2)]
    reason: Reason

    @model_validator(mode="after")
    def as_many_as_it_takes(self) -> Self:
        """Two to be merged, one to be split, or whose merge is questioned."""
        if len(self.people) != (2 if self.ask == "merge" else 1):
            raise RuleBroken(
                "name two people to merge, one to split, or the former reference of one",
                "合并须列两人，拆分须列一人，撤销须列一个原引用",
            )
        return self


class ReviewOpened(BaseModel):
    """The review that was asked for; the one there is where it was open already."""

    review: UUID


class DecisionTaken(BaseModel):
    """The review is closed."""

    review: UUID
    standing: Standing
