"""What may still be read of an entry that was told once: its fields cut anew by the agreements and the cases of this
moment. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import msgspec

from shared.sharing.agreement import Agreement
from shared.sharing.disclose import as_state, disclose

# Entries that carry values of people, and where: everything else names references, receipts and fields, but no value.
CORRECTED: Final = "cn.tenfold.value.corrected.v1"
WITHDRAWN: Final = "cn.tenfold.value.withdrawn.v1"
CARRYING: Final[Mapping[str, str]] = {"cn.tenfold.person.changed.v1": "changed", CORRECTED: "corrected"}


class _Named(msgspec.Struct):
    type: str = ""
    subject: str = ""


named = msgspec.json.Decoder(_Named).decode


def person_of(body: bytes) -> str | None:
    """The reference of the person whose values an entry carries; None for one that carries none."""
    entry = named(body)
    return entry.subject if entry.type in CARRYING else None


@dataclass(frozen=True)
class Tie:
    """What a department has to do with a person now. `reporting`: a case by its own reports stands, which counts for
    all its agreements; `called`: the agreements for which cases by call stand; `registered`: the person stands in the
    household register; `protected`: where they live is withheld from this department (protection rule 12)."""

    reporting: bool = False
    called: frozenset[str] = frozenset()
    registered: bool = False
    protected: bool = False


NONE: Final = Tie()


@dataclass(frozen=True)
class Guard:
    """One department's agreements in force on a day, and the names of those that it was ever told under.

    `everyone`: one of them is about everyone in the household register. `open`: everything that was ever granted
    still is, so that an entry on a person with a case by reporting need not even be looked into.
    """

    department: str
    in_force: Sequence[Agreement]
    told_under: frozenset[str]
    everyone: bool
    open: bool

    @classmethod
    def of(cls, department: str, now: Iterable[Agreement], ever: Iterable[Agreement], day: date) -> "Guard":
        """The guard of a department on a day."""
        granted = {each.identifier: each for each in now if each.department == department and each.in_force(day)}
        told = [each for each in ever if each.department == department]
        still = all(
            each.identifier in granted and set(each.fields) <= set(granted[each.identifier].fields) for each in told
        )
        everyone = any(each.scope == "everyone" for each in granted.values())
        return cls(department, list(granted.values()), frozenset(each.identifier for each in told), everyone, still)

    def shown(self, body: bytes, tie: Tie) -> bytes | None:
        """The entry as it may be read now; None where nothing is left of it. Of a correction the names of its fields
        always are: who had a wrong value hears at least that it is wrong.

        Of what was told on a case is shown what the agreements it was told under still grant, while a case stands that
        counts for them; of what was told on any known basis also what may be told of everyone in the household
        register, while the person stands in it.
        """
        if self.open and tie.reporting and not self.everyone and not tie.protected:
            return body
        entry = msgspec.json.decode(body)
        member = CARRYING.get(entry.get("type", ""))
        if member is None:
            return body
        data = entry["data"]
        values, told = data[member], {each for each in data.get("basis", ()) if each in self.told_under}
        cut = disclose(
            as_state(values, self.department),
            [each for each in self.in_force if told and self.counts(each, told, tie)],
            receiver=self.department,
            holds_case=True,
            registered=tie.registered,
            protected_from=tie.protected,
            fields=values,
        )
        if not cut.fields:
            return withdrawn(entry, list(values)) if values and member == "corrected" else None
        kept = {name: value for name, value in values.items() if name in cut.fields}
        if kept == values and set(data["basis"]) <= set(cut.basis):
            return body
        left = {**data, member: kept, "basis": list(cut.basis)}
        if member == "corrected" and len(kept) < len(values):
            left["withdrawn"] = [name for name in values if name not in kept]
        return msgspec.json.encode({**entry, "data": left})

    def counts(self, agreement: Agreement, told: set[str], tie: Tie) -> bool:
        """Whether an agreement grants anything of an entry that was told under these."""
        if agreement.scope == "everyone":
            return tie.registered
        return agreement.identifier in told and (tie.reporting or agreement.identifier in tie.called)


def withdrawn(entry: Mapping[str, Any], fields: Sequence[str]) -> bytes:
    """A correction of which no value may be read: the same entry says which values are not to be used."""
    data = {name: value for name, value in entry["data"].items() if name not in ("corrected", "basis")}
    return msgspec.json.encode({**entry, "type": WITHDRAWN, "data": {"withdrawn": fields, **data}})
