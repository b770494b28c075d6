"""Who had a wrong value, and what they are told of it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID, uuid5

from services.exchange.cases.standing import Key

ACKNOWLEDGE_WITHIN: Final = timedelta(days=14)
Kind = Literal["corrected", "withdrawn"]


@dataclass(frozen=True)
class NewCorrection:
    """A department was told that values were wrong: names of fields only. `receipts`: the events that say so."""

    entry_id: UUID
    key: Key
    kind: Kind
    fields: tuple[str, ...]
    receipts: tuple[UUID, ...]
    batch: str | None
    told_at: datetime
    acknowledge_by: date


def correction_id(told: UUID, department: str, kind: Kind, fields: Iterable[str]) -> UUID:
    """The same correction of the same fields has the same entry id on a department's feed, in every epoch."""
    return uuid5(told, f"{department} value.{kind} {' '.join(sorted(fields))}")


def own_values(state: Mapping[str, object], names: Sequence[str], department: str) -> dict[str, object]:
    """What is right now of these fields, as that department would be told: relatives by its own reference."""
    values = {name: state.get(name) for name in names}
    return {name: value.get(department) if isinstance(value, Mapping) else value for name, value in values.items()}
