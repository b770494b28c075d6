"""The one place that cuts fields. Pure; default deny; it says what it withheld, by name and never by value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from shared.sharing.agreement import Agreement
from shared.sharing.fields import FIELDS, REFERENCE_FIELDS, FieldName
from shared.sharing.protected import WITHHELD


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What a receiver may be told. `withheld` names the fields that were asked for and not given; `basis` names the
    agreements by which the fields are given. Together, `fields` and `withheld` are exactly what was asked for."""

    # repr=False: a disclosure printed into a log would carry the person's data.
    fields: dict[str, object] = field(repr=False)
    withheld: tuple[str, ...]
    basis: tuple[str, ...]


def disclose(
    state: Mapping[str, object],
    agreements: Sequence[Agreement],
    *,
    receiver: str,
    holds_case: bool,
    registered: bool,
    protected_from: bool,
    fields: Iterable[str] | None = None,
) -> Disclosed:
    """Cut `state` down to what `agreements` (in force, for the purpose: `Agreements.for_`) let `receiver` see.

    `holds_case`: whether the receiver holds a case on this person, for which agreements of scope `own_people` count.
    Those of scope `everyone` count for everyone who stands in the household register (`registered`), case or no case:
    otherwise its authority would hear of each certified newborn, a stream of births that no agreement can grant
    (protection rule 2).
    `protected_from`: whether the person is protected, and not by the receiver: then no agreement and no case gives
    where they live (protection rule 12). To the receiver it looks like any field that is not agreed.
    `fields`: what is asked for; None asks for the whole closed list. A field that is granted and unknown to the state
    is given as None. Spouse, mother and father stand in the state as {department: reference};
    only the receiver's own reference is given, and the field is withheld where there is none (protection rule 7).
    """
    granting = _granting(agreements, receiver, holds_case, registered)
    asked = frozenset(FIELDS if fields is None else fields)
    given: dict[str, object] = {}
    for name in FIELDS:
        if name in asked and name in granting and not (protected_from and name in WITHHELD):
            value = _own_reference(state.get(name), receiver) if name in REFERENCE_FIELDS else state.get(name)
            if value is None or isinstance(value, str | date):
                given[name] = value
    order = [*FIELDS, *sorted(asked.difference(FIELDS))]
    withheld = tuple(name for name in order if name in asked and name not in given)
    basis = {identifier for name in given for identifier in granting[name]}
    return Disclosed(given, withheld, tuple(sorted(basis)))


def as_state(values: Mapping[str, object] | Mapping[FieldName, object], receiver: str) -> dict[str, object]:
    """What a receiver holds, in the form that `disclose` cuts: its own references of relatives as {department: …}."""
    return {
        name: {receiver: value} if name in REFERENCE_FIELDS and value is not None else value
        for name, value in values.items()
    }


def _granting(
    agreements: Sequence[Agreement], receiver: str, holds_case: bool, registered: bool
) -> dict[str, set[str]]:
    """The identifiers of the agreements that grant each field to this receiver for this person."""
    granting: dict[str, set[str]] = {}
    for agreement in agreements:
        if agreement.department == receiver and (registered if agreement.scope == "everyone" else holds_case):
            for name in agreement.fields:
                granting.setdefault(name, set()).add(agreement.identifier)
    return granting


def _own_reference(references: object, receiver: str) -> object:
    """The receiver's own reference. Anything but a map that holds one is returned as a value that is never given."""
    if references is None:
        return None
    own = references.get(receiver) if isinstance(references, Mapping) else None
    return own if isinstance(own, str) else _WITHHELD


_WITHHELD = object()
