"""What the exchange tells a department on its own feed: the types of entries, their data, an example of each.

Readers ignore members that they do not know: a new optional one is no new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model

from shared.sharing.fields import FIELDS, MEANINGS, WRITTEN

SOURCE = "urn:tenfold:exchange"


def stays_open(schema: dict[str, Any]) -> None:
    """To a reader the schema is open, though we ourselves say nothing that is not in it."""
    schema.pop("additionalProperties", None)


class Told(BaseModel):
    """What an entry says."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, json_schema_extra=stays_open)


class ReceiptChanged(Told):
    """What became of a vital event that the department reported."""

    receipt: UUID
    source: str
    id: str
    status: Literal["applied", "held", "rejected"]
    reason: str | None = None
    decider: str | None = None
    due: date | None = None
    people: Annotated[
        dict[str, str] | None, Field(description="The department's own references of the people, by role.")
    ] = None


FIELD_TYPES: dict[str, Any] = {
    name: (str | None, Field(default=None, description=f"{MEANINGS[name].en}: {WRITTEN[name].en}")) for name in FIELDS
}
DisclosedFields = create_model(
    "DisclosedFields",
    __base__=Told,
    __doc__="Fields of a person from the closed list; null where the value is no longer known.",
    **FIELD_TYPES,
)


class PersonChanged(Told):
    """What changed of a person among the fields that the department's agreements disclose; `subject` is its own
    reference. At the start of a case: all of them. Only what changed is named; null: clear it."""

    changed: DisclosedFields
    basis: Annotated[list[str], Field(description="The agreements by which it is told.")]


class PersonMerged(Told):
    """Two people turned out to be one: the first reference is the second one's from now on. What was told under the
    first is dropped; what is known of the person is told under the second."""

    merged: str
    into: str


class MovedRecord(Told):
    """A person in one of the department's own vital events. `position`: where its feed said whom the event means."""

    receipt: UUID
    role: str
    position: int | None = None


class PersonSplit(Told):
    """One reference turned out to stand for two people. What was told under it is dropped; what is known of either is
    told again, under its own reference."""

    split: str
    into: Annotated[
        str | None, Field(description="The other person's reference, where the department may know it.")
    ] = None
    moved: Annotated[list[MovedRecord], Field(description="The department's own records that are the other person's.")]


class ValueCorrected(Told):
    """Values that the department was given were wrong: what is right now, null where nothing is. It must be carried out
    and acknowledged by the entry's id (`POST /v1/feed/acknowledgements`). `subject` is the department's own
    reference."""

    corrected: DisclosedFields
    withdrawn: Annotated[
        list[str] | None,
        Field(description="Fields that were wrong, too, and are not the department's matter any more: to be cleared."),
    ] = None
    basis: Annotated[list[str], Field(description="The agreements by which it is told.")]
    acknowledge_by: Annotated[date, Field(description="The last day to acknowledge.")]
    batch: Annotated[str | None, Field(description="The bulk load that corrected it.")] = None


class ValueWithdrawn(Told):
    """Values that the department was given were wrong, and what is right is not its matter any more: no agreement in
    force gives these fields, or no case stands. To be cleared, not to be used, and acknowledged as a correction is."""

    withdrawn: Annotated[list[str], Field(description="Names of fields.")]
    acknowledge_by: Annotated[date, Field(description="The last day to acknowledge.")]
    batch: Annotated[str | None, Field(description="The bulk load that corrected it.")] = None


class CaseChanged(Told):
    """A case was opened by call, nobody was found for it, or it has ended: nothing of that person is told from then on
    unless another case stands, and what was told of the person is dropped. Without `case`: the case that the
    department's own reports had opened."""

    case: UUID | None = None
    reference: Annotated[str | None, Field(description="The department's own reference of the person.")] = None
    status: Literal["open", "not-found", "ended"]
    reason: Annotated[
        Literal["closed", "until", "agreement-ended", "nothing-reported"] | None, Field(description="Why it has ended.")
    ] = None
    purpose: str | None = None
    agreement: str | None = None
    until: Annotated[date | None, Field(description="The last day of the case.")] = None


class Problem(Told):
    """A problem as HTTP would have answered it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    faults: list[dict[str, str]] | None = None
    faults_in_all: int | None = None


class IntakeRefused(Told):
    """A record of the department's intake topic was not accepted: where it lies, and why."""

    topic: str
    partition: int
    offset: int
    problem: Problem


@dataclass(frozen=True)
class EntryType:
    """One type of entry. `example` is its data."""

    name: str
    model: type[Told]
    example: Mapping[str, object]

    @property
    def type(self) -> str:
        """The CloudEvents `type` attribute."""
        return f"cn.tenfold.{self.name}.v1"


ENTRIES = (
    EntryType(
        "receipt.changed",
        ReceiptChanged,
        {
            "receipt": "01981d2e-6f3a-7c21-9d0a-5b1f0a7c4e11",
            "source": "urn:tenfold:health:vital-certificates",
            "id": "bc-2026-000871",
            "status": "applied",
            "people": {"child": "k1.AbCd", "mother": "k1.EfGh"},
        },
    ),
    EntryType(
        "person.changed",
        PersonChanged,
        {"changed": {"registered_area": "370102001001"}, "basis": ["education-school-planning"]},
    ),
    EntryType("person.merged", PersonMerged, {"merged": "k1.AbCd", "into": "k1.IjKl"}),
    EntryType(
        "person.split",
        PersonSplit,
        {
            "split": "k1.IjKl",
            "into": "k1.AbCd",
            "moved": [{"receipt": "01981d2e-6f3a-7c21-9d0a-5b1f0a7c4e11", "role": "child", "position": 17}],
        },
    ),
    EntryType(
        "value.corrected",
        ValueCorrected,
        {
            "corrected": {"birth_date": "2019-03-02"},
            "basis": ["education-school-planning"],
            "acknowledge_by": "2026-03-15",
        },
    ),
    EntryType("value.withdrawn", ValueWithdrawn, {"withdrawn": ["birth_date"], "acknowledge_by": "2026-03-15"}),
    EntryType(
        "case.changed",
        CaseChanged,
        {
            "case": "01981d2e-6f3a-7c21-9d0a-5b1f0a7c4e12",
            "reference": "k1.AbCd",
            "status": "open",
            "purpose": "service-delivery",
            "agreement": "housing-public-rental",
            "until": "2027-06-30",
        },
    ),
    EntryType(
        "intake.refused",
        IntakeRefused,
        {
            "topic": "tenfold.intake.health",
            "partition": 0,
            "offset": 4711,
            "problem": {
                "type": "/errors#invalid",
                "title": "The CloudEvent is not valid",
                "status": 422,
                "faults": [{"pointer": "/data/certificate_number", "message": "is required"}],
            },
        },
    ),
)
