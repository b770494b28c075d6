"""Bodies of what a person is shown of the use of their own data."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.values import Day, Identifier, Text
from shared.sharing.words import Words


class Identified(BaseModel):
    """Who has shown the identity provider who they are."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    identifier: Identifier
    name: Text
    birth_date: Day


class Subject(BaseModel):
    """The subject of this person's tokens: a reference that means something here only."""

    subject: str


class Department(BaseModel):
    """A department by name and title."""

    name: str
    title: Words


class Law(BaseModel):
    """A provision that a disclosure or a case rests on."""

    law: Words
    article: Words


class Basis(BaseModel):
    """A sharing agreement and the law behind it."""

    agreement: str
    laws: list[Law]


class CaseByCall(BaseModel):
    """A case that a department asked for. It may have ended (`closed_at`, `reason`); `until` is its last day."""

    case: UUID
    department: Department
    purpose: str
    basis: Basis
    opened_at: datetime
    until: date
    closed_at: datetime | None
    reason: str | None


class CaseByReporting(BaseModel):
    """A department has to do with the person because it reported on them. It ends when what it reported is taken back.
    What was reported, and when, is not said here: it may be a relative's act, such as a birth or a marriage."""

    department: Department


class OwnCases(BaseModel):
    """Who has to do with me, and why. Ask on with `after=next_after` until it is null."""

    by_reporting: list[CaseByReporting]
    by_call: list[CaseByCall]
    next_after: UUID | None


class OwnDisclosure(BaseModel):
    """One entry of the access log about this person. `department`, `service`, `yourself` or `office` names who;
    `fields` are the names of what was seen, none where only a reference was. `basis`: the agreements it rests on;
    `office`: what it rests on where that is no agreement, such as `protection-officer`. `break_glass`: why somebody
    could not wait for a case."""

    entry: UUID
    at: datetime
    action: str
    department: Department | None
    service: str | None
    yourself: bool
    purpose: str
    fields: list[str]
    basis: list[Basis]
    office: str | None
    break_glass: str | None


class OwnDisclosures(BaseModel):
    """The newest first; ask on with `after=next_after` until it is null."""

    disclosures: list[OwnDisclosure]
    next_after: UUID | None


class OwnField(BaseModel):
    """One field of the closed list. `value` is null where nobody has said; of a relative it is `recorded`, and no more.
    `sources`: the departments whose reports give this value by themselves."""

    name: str
    title: Words
    value: str | None
    sources: list[Department]


class OwnIdentifier(BaseModel):
    """A number of one's own besides the resident identity number."""

    type: str
    value: str


class OwnResidence(BaseModel):
    """Where one was registered, from `since` until before `until` (null: still)."""

    area: str
    household_number: str | None
    relation: str | None
    since: date
    until: date | None


class Notice(BaseModel):
    """Glass was broken: an official looked one up at once, without a case. `justified`: they have said why since."""

    at: datetime
    until: datetime
    department: Department
    category: str
    justified: bool


class OwnProtection(BaseModel):
    """Where one lives is withheld from everyone but this department, which looks at it again by `review_by`."""

    department: Department
    ground: str
    since: datetime
    review_by: date


class OwnRecord(BaseModel):
    """Everything the registry knows of the person who asks, and what they must be told of."""

    fields: list[OwnField]
    identifiers: list[OwnIdentifier]
    residences: list[OwnResidence]
    notices: list[Notice]
    protections: list[OwnProtection]


class OwnMatchField(BaseModel):
    """How one field of two records agreed, both of them the person's own. `level` and `speaks` are null where one
    record says nothing, and of parents always: what they are called is theirs."""

    field: str
    level: str | None
    speaks: Literal["for", "against"] | None


class OwnMatch(BaseModel):
    """What was judged of the person's records. `merge`: two are one person's; `link`: a report is theirs; `split`,
    `undo`: they had stood among somebody else's. `judged_by`: a clerk, or the machine with the version of its weights.
    Neither when nor upon whose report: it may be a relative's act."""

    kind: Literal["merge", "link", "split", "undo"]
    judged_by: Literal["clerk", "machine"]
    weights: str | None
    fields: list[OwnMatchField]


class OwnMatches(BaseModel):
    """The newest first, at most 100. What was found to be two people from the first is not among them."""

    matches: list[OwnMatch]
