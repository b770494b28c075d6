"""Bodies of agreements: what is asked and what is answered."""

from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.exchange.agreements.rules import Standing
from shared.contracts.envelope import no_identity_number
from shared.contracts.values import PRINTABLE, Day, Text
from shared.sharing.agreement import Agreement, LegalBasis, field_name
from shared.sharing.closed import DepartmentName, Purpose
from shared.sharing.fields import FieldName

Version = Annotated[int, Field(ge=1, le=32_767, description="The version, as `GET /v1/agreements` lists it.")]
Reason = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern=PRINTABLE),
    AfterValidator(no_identity_number),
    Field(description="Why, for those who read the history; nothing about any person."),
]


class _Body(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


class Signature(_Body):
    """Which version is signed: not another one that was proposed in the meantime."""

    version: Version


class Refusal(_Body):
    """Which version is refused or withdrawn, and why."""

    version: Version
    reason: Reason


class Why(_Body):
    """Why an agreement is suspended, resumed or ended."""

    reason: Reason


class Step(BaseModel):
    """What was done with a version, by which department (none: not a department's act), in which role, and why."""

    at: datetime
    what: str
    department: str | None
    role: str
    reason: str | None


class Listed(BaseModel):
    """One version of an agreement as it stands today. `awaiting`: the departments that have not approved it yet."""

    identifier: str
    version: int
    standing: Standing
    agreement: Agreement
    awaiting: list[str]
    history: list[Step]


class AgreementList(BaseModel):
    """A page of agreements, by identifier and version; ask on with `after=next_after` until it is null."""

    agreements: list[Listed]
    next_after: str | None


class Versions(BaseModel):
    """All versions of one agreement, oldest first."""

    identifier: str
    versions: list[Listed]


class Preview(_Body):
    """A made-up person and what is asked about them: nobody real is looked up, and nothing is stored.

    `holds_case`: whether the receiver holds a case on the person. `registered`: whether the person stands in the
    household register. `agreement`: a draft, counted as if it were in force (in place of one of the same identifier).
    """

    person: Annotated[
        dict[Annotated[FieldName, BeforeValidator(field_name)], Text | None],
        Field(description="Field → made-up value; what is left out is unknown of this person."),
    ]
    department: DepartmentName
    purpose: Annotated[Purpose | None, Field(description="null: for all purposes together, as on the feed.")] = None
    holds_case: bool = True
    registered: bool = True
    on: Annotated[Day | None, Field(description="As on this day; null: today.")] = None
    agreement: Agreement | None = None


class Granting(BaseModel):
    """An agreement by which something is disclosed."""

    agreement: str
    purpose: str
    legal_basis: list[LegalBasis]
    valid_until: date


class Previewed(BaseModel):
    """What the receiver would be told, the names of what it would not be told, and on which basis."""

    on: date
    disclosed: dict[str, str | None]
    withheld: list[str]
    basis: list[Granting]
