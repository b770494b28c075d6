"""What the registry is told of disclosures by feed and snapshot, for the access log that the person reads. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID, uuid5

import msgspec

from services.exchange.cases.standing import Key
from shared.feed.values import NewEntry
from shared.sharing.agreement import Agreement

MOST: Final = 200  # disclosures in one entry: the registry takes many entries in one page


Action = Literal["feed", "snapshot"]


@dataclass(frozen=True)
class Disclosure:
    """One entry (or page of a snapshot) gave a department fields of a person. `entry` names the act for ever."""

    entry: UUID
    key: Key
    fields: tuple[str, ...]
    basis: tuple[str, ...]
    at: datetime


def told_to_registry(
    disclosures: Sequence[Disclosure], agreements: Mapping[str, Iterable[Agreement]], action: Action
) -> list[NewEntry]:
    """Entries of the feed `sharing`: each disclosure once for every purpose for which it was made, with the fields
    that the agreements of that purpose give."""
    entries = []
    for start in range(0, len(disclosures), MOST):
        some = disclosures[start : start + MOST]
        listed = [line for each in some for line in by_purpose(each, agreements[each.key[0]])]
        body = {"kind": "disclosed", "action": action, "disclosures": listed}
        entries.append(NewEntry(uuid5(some[0].entry, "disclosed"), msgspec.json.encode(body)))
    return entries


def by_purpose(disclosure: Disclosure, agreements: Iterable[Agreement]) -> list[dict[str, object]]:
    """One disclosure, for each purpose of the agreements by which it was made."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for agreement in agreements:
        given = set(agreement.fields) & set(disclosure.fields)
        if agreement.identifier in disclosure.basis and given:
            fields, basis = found.setdefault(agreement.purpose, (set(), set()))
            fields |= given
            basis.add(agreement.identifier)
    return [
        {
            "entry": disclosure.entry,
            "department": disclosure.key[0],
            "reference": disclosure.key[1],
            "purpose": purpose,
            "fields": sorted(fields),
            "basis": sorted(basis),
            "at": disclosure.at,
        }
        for purpose, (fields, basis) in sorted(found.items())
    ]
