"""What the registry tells (feed `changes`), and what departments are told: CloudEvents on their own feed. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

SOURCE = "urn:tenfold:exchange"


class Imported(msgspec.Struct, frozen=True):
    """Whose entry of an imported register an event is. The journal has never seen it."""

    department: str
    source: str
    id: str


class OutcomeTold(msgspec.Struct, tag_field="kind", tag="outcome", frozen=True):
    """What became of an accepted event, or of an entry of an imported register (`imported`); `people` are references of
    the reporting department, by role."""

    receipt: UUID
    status: str
    reason: str | None
    decider: str | None
    due: date | None
    people: dict[str, str]
    imported: Imported | None = None


class PersonTold(msgspec.Struct, tag_field="kind", tag="person", frozen=True):
    """A person an event spoke of: references by department, whether they stand in the household register, fields that
    changed, and all disclosable fields. `corrected`: fields that had been wrong, `corrections` the receipts of the
    events that say so, `batch` the bulk load they came in. `again`: an agreement came into force; what was told before
    may have been cut when it was read, so that all is told once more, whatever the department should hold."""

    references: dict[str, str]
    registered: bool
    changed: list[str]
    state: dict[str, Any]
    corrected: list[str] = []
    corrections: list[UUID] = []
    batch: str | None = None
    again: bool = False


class MergedTold(msgspec.Struct, tag_field="kind", tag="merged", frozen=True):
    """Two people turned out to be one: references by department, before and after, and whether each stands in the
    household register: the one before as it stood, the other as it stands now."""

    before: dict[str, str] = msgspec.field(name="from")
    into: dict[str, str]
    registered: bool
    before_registered: bool = msgspec.field(default=False, name="from_registered")


class Record(msgspec.Struct, frozen=True):
    """A person in a reported event, or in an entry of an imported register (`imported`): its receipt, and the role."""

    receipt: UUID
    role: str
    imported: Imported | None = None


class SplitTold(msgspec.Struct, tag_field="kind", tag="split", frozen=True):
    """One person turned out to be two: references by department of who stays and of whom the rest is, whether each
    stands in the household register now, the records that are the second one's, and the cases by call."""

    before: dict[str, str] = msgspec.field(name="from")
    into: dict[str, str]
    registered: bool
    into_registered: bool
    moved: list[Record]
    cases: list[UUID]


class CaseTold(msgspec.Struct, tag_field="kind", tag="case", frozen=True):
    """What became of a case. By call (`case`): `open`, `not-found` or `ended`. Without `case` it is the one that the
    department's own reports had opened, and nothing of them counts any more; `registered` says whether the person
    stands in the household register now, None that this has not changed."""

    department: str
    status: Literal["open", "not-found", "ended"]
    case: UUID | None = None
    reference: str | None = None
    reason: str | None = None
    purpose: str = ""
    agreement: str = ""
    until: date = date.max
    registered: bool | None = None

    def data(self) -> dict[str, object]:
        """What the department is told."""
        said: dict[str, object] = {
            "case": self.case,
            "reference": self.reference,
            "status": self.status,
            "reason": self.reason,
        }
        if self.case is not None:
            said |= {"purpose": self.purpose, "agreement": self.agreement, "until": self.until}
        return {name: str(value) for name, value in said.items() if value is not None}


class LookedUpTold(msgspec.Struct, tag_field="kind", tag="disclosed", frozen=True):
    """A look-up gave a department these fields of the person it knows by that reference, as they were then."""

    department: str
    reference: str
    fields: dict[str, Any]
    basis: list[str]
    at: datetime


class ProtectedTold(msgspec.Struct, tag_field="kind", tag="protected", frozen=True):
    """Who protects a person now (departments; none: nobody does any more), by every department's reference. Where they
    live is withheld from all the others."""

    references: dict[str, str]
    protected_by: list[str]


class CorrectionTold(msgspec.Struct, tag_field="kind", tag="correction", frozen=True):
    """An authority decided about a correction that was asked for; departments hear of it under that receipt."""

    correction: UUID
    receipt: UUID
    authority: str


Told = OutcomeTold | PersonTold | MergedTold | SplitTold | CaseTold | LookedUpTold | ProtectedTold | CorrectionTold
TOLD: msgspec.json.Decoder[Told] = msgspec.json.Decoder(Told)


def entry_id_for(told: UUID, department: str) -> UUID:
    """The same registry entry gives a department the same entry id, in every epoch."""
    return uuid5(told, department)


def applied_id(receipt: UUID, department: str) -> UUID:
    """The id of the entry by which a department heard that its event was applied, to whom."""
    return entry_id_for(uuid5(receipt, "applied None"), department)


def fields_id(told: UUID, department: str, fields: Iterable[str]) -> UUID:
    """The same fields by the same registry entry: the same id. A feed that is read again under other agreements may
    give others, which are no repeat."""
    return uuid5(told, f"{department} {' '.join(sorted(fields))}")


def cloud_event(entry_id: UUID, name: str, subject: str, time: datetime, data: Mapping[str, object]) -> bytes:
    """A feed entry as CloudEvent JSON; `subject` is a receipt or the department's own reference of a person."""
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": str(entry_id),
            "source": SOURCE,
            "type": f"cn.tenfold.{name}.v1",
            "subject": subject,
            "time": time.isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }
    )
