"""What would move, before anything does: another version of a schedule, a revised due date, a birth. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.alerts.schedules.facts import EpisodeFacts
from services.alerts.schedules.plan import PlannedContact, plan
from services.alerts.schedules.selection import Catalogue, Choice


class Change(StrEnum):
    """What happens to one contact."""

    MOVES = "moves"
    APPEARS = "appears"
    VANISHES = "vanishes"


@dataclass(frozen=True)
class Move:
    """One difference. `before` is None where a contact appears, `after` where it vanishes."""

    change: Change
    before: PlannedContact | None
    after: PlannedContact | None

    @property
    def when(self) -> list[tuple[date, str, str, int]]:
        """Where it stands in a list of differences: by its earlier opening."""
        both = [each for each in (self.before, self.after) if each]
        return sorted((each.opens_on, each.schedule, each.code, each.child or 0) for each in both)


def moves(before: Iterable[PlannedContact], after: Iterable[PlannedContact]) -> list[Move]:
    """The differences between two plans, in order of time. Contacts whose three dates stay are not among them."""
    old = {each.key: each for each in before}
    new = {each.key: each for each in after}
    found = [Move(Change.VANISHES, each, None) for key, each in old.items() if key not in new]
    for key, each in new.items():
        former = old.get(key)
        if former is None:
            found.append(Move(Change.APPEARS, None, each))
        elif (former.opens_on, former.due_on, former.closes_on) != (each.opens_on, each.due_on, each.closes_on):
            found.append(Move(Change.MOVES, former, each))
    return sorted(found, key=lambda move: move.when)


def preview(
    catalogue: Catalogue,
    choices: Iterable[Choice],
    facts: EpisodeFacts,
    *,
    new_choices: Iterable[Choice] | None = None,
    new_facts: EpisodeFacts | None = None,
) -> list[Move]:
    """What other choices or other facts would do to the contacts still to come. Finished ones stay. Raises
    UnknownSchedule."""
    chosen = tuple(choices)
    after = plan(catalogue, chosen if new_choices is None else new_choices, new_facts or facts)
    return moves(plan(catalogue, chosen, facts), after)
