"""What a decision wants, in terms of records. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from services.registry.facts.values import Mention
from services.registry.identity.decisions import SPLIT
from services.registry.reviews.held import Held
from services.registry.reviews.problems import NOT_SAID, Refused
from services.registry.reviews.rules import all_one, choices, pieces_decided


@dataclass(frozen=True)
class Wanted:
    """A decision as it was asked for. `to`: record in question → the person it belongs to."""

    kind: str
    to: Mapping[str, UUID] = field(default_factory=dict)


def wanted_of_held(held: Held, wanted: Wanted) -> list[tuple[str, dict[Mention, int]]]:
    """Kind and parts of each decision about a held event. Raises Refused where it does not answer the question.

    Where somebody would fall apart, `split` lets them and anything else does not; whose the records in question are is
    said besides.
    """
    if any(role not in held.doubts or person not in held.candidates[role] for role, person in wanted.to.items()):
        raise Refused(NOT_SAID)
    made = pieces_decided(held.partings, stay=wanted.kind != SPLIT)
    match wanted.kind:
        case "merge" if held.doubts and not wanted.to:
            return made + all_one(held.page, held.event, held.candidates, held.doubts)
        case "link" if wanted.to or not held.doubts:
            pass
        case "separate" if held.doubts and not wanted.to:
            pass
        case "split" if held.partings and not held.doubts:
            pass
        case _:
            raise Refused(NOT_SAID)
    to = {role: wanted.to.get(role) for role in held.doubts}
    return made + choices(held.page, held.event, held.candidates, to)
