"""What a receiver holds, as a pure fold of its own feed: the reader's half of the contract.

`people` maps the department's own references to the fields it was told, those with a value only. Begin with an empty
map (or with what `GET /v1/snapshot` gave) and apply every entry in order; a repeated one changes nothing as long as all
that follow it are repeated, too. A person of whom nothing is held is not in the map.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

Fields = dict[str, object]
"""Field of the closed list → value as it was told."""
People = MutableMapping[str, Fields]
"""The department's own reference → what it holds of that person."""

ENDED = "ended"


def apply(entry: Mapping[str, Any] | None, people: People) -> None:
    """Take one entry (a CloudEvent; None for one that is withheld) into what is held.

    `person.changed` and `value.corrected` set fields, null takes one away; what either `value.corrected` or
    `value.withdrawn` names as withdrawn is taken away, too.
    `person.merged` takes the old reference away: what is known of the two is told under the new one. So does
    `person.split`, after which it is told what is known of each. A case that ended takes the person away. Other
    entries, and members that are not known, say nothing of what is held.
    """
    if entry is None:
        return
    name, subject, data = short(str(entry["type"])), str(entry.get("subject", "")), entry.get("data") or {}
    match name:
        case "person.changed":
            _set(people, subject, data["changed"])
        case "value.corrected":
            _set(people, subject, data["corrected"] | dict.fromkeys(data.get("withdrawn") or ()))
        case "value.withdrawn":
            _set(people, subject, dict.fromkeys(data["withdrawn"]))
        case "person.merged":
            people.pop(str(data["merged"]), None)
        case "person.split":
            people.pop(str(data["split"]), None)
        case "case.changed" if data.get("status") == ENDED:
            people.pop(str(data.get("reference") or subject), None)


def holding(
    entries: Iterable[Mapping[str, Any] | None], people: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, Fields]:
    """What is held after these entries by a reader that held `people` before (None: nobody), which stays as it is."""
    held = {reference: dict(fields) for reference, fields in (people or {}).items()}
    for entry in entries:
        apply(entry, held)
    return held


def short(type_: str) -> str:
    """`person.changed` of `cn.tenfold.person.changed.v1`."""
    return type_.removeprefix("cn.tenfold.").rpartition(".v")[0]


def _set(people: People, reference: str, fields: Mapping[str, object]) -> None:
    held = people.pop(reference, {}) | dict(fields)
    if left := {name: value for name, value in held.items() if value is not None}:
        people[reference] = left
