"""What may still be read of an entry that was told once: its fields cut anew by the agreements of this moment. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from shared.sharing.agreement import Agreement
from shared.sharing.disclose import disclose
from shared.sharing.fields import REFERENCE_FIELDS

# Entries that carry values of people, and where: everything else names references, receipts and fields, but no value.
CARRYING: Final[Mapping[str, str]] = {
    "cn.tenfold.person.changed.v1": "changed",
    "cn.tenfold.value.corrected.v1": "corrected",
}


@dataclass(frozen=True)
class Guard:
    """One department's agreements in force on a day, and those that it was ever told under.

    `told_under`: scope and purpose, which an identifier keeps for ever. `open`: everything that was ever granted still
    is, so that entries need not even be looked into.
    """

    department: str
    in_force: Sequence[Agreement]
    told_under: Mapping[str, tuple[str, str]]
    open: bool

    @classmethod
    def of(cls, department: str, now: Iterable[Agreement], ever: Iterable[Agreement], day: date) -> "Guard":
        """The guard of a department on a day."""
        granted = {each.identifier: each for each in now if each.department == department and each.in_force(day)}
        told = [each for each in ever if each.department == department]
        still = all(
            each.identifier in granted and set(each.fields) <= set(granted[each.identifier].fields) for each in told
        )
        return cls(
            department, list(granted.values()), {each.identifier: (each.scope, each.purpose) for each in told}, still
        )

    def shown(self, body: bytes) -> bytes | None:
        """The entry as it may be read now; None where nothing is left of it.

        For which purposes the receiver held a case, or that the person stood in the register, is what the entry's
        basis says: an identifier keeps scope and purpose for ever (agreements/rules.py).
        """
        if self.open:
            return body
        entry = msgspec.json.decode(body)
        member = CARRYING.get(entry["type"])
        if member is None:
            return body
        data = entry["data"]
        values, told = (
            data[member],
            [self.told_under[each] for each in data.get("basis", ()) if each in self.told_under],
        )
        case_for = {purpose for scope, purpose in told if scope == "own_people"}
        state = {
            name: {self.department: value} if name in REFERENCE_FIELDS and value is not None else value
            for name, value in values.items()
        }
        cut = disclose(
            state,
            [each for each in self.in_force if each.purpose in case_for or (told and each.scope == "everyone")],
            receiver=self.department,
            holds_case=True,
            registered=True,
            fields=values,
        )
        if not cut.fields:
            return None
        kept = {name: value for name, value in values.items() if name in cut.fields}
        if kept == values and list(cut.basis) == data.get("basis"):
            return body
        return msgspec.json.encode({**entry, "data": {**data, member: kept, "basis": list(cut.basis)}})
