"""Which vital events are alive: corrections and annulments supersede, never overwrite.

Every event stands in a tree: what it supersedes is its parent. At most one event of a tree is alive, so that a vital
event counts once however often it was corrected. Pure, and a function of the *set* of headers: order and repetition do
not matter.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from services.registry.facts.values import EventKey, Fact

CREATED, ANNULLED = "created", "annulled"


class EventHeader(NamedTuple):
    """What lineage needs of an event, without anything personal. `recorded_at`: None until recorded."""

    source: str
    id: str
    time: datetime
    action: str
    supersedes: EventKey | None
    recorded_at: datetime | None = None

    @property
    def key(self) -> EventKey:
        """The event's source and id."""
        return (self.source, self.id)


def header_of(fact: Fact) -> EventHeader:
    """Give the header of the event from which a fact comes."""
    return EventHeader(fact.event_source, fact.event_id, fact.time, fact.action, fact.supersedes, fact.recorded_at)


def alive(headers: Iterable[EventHeader]) -> set[EventKey]:
    """The events that count. Pass whole trees: every known event that supersedes, or is superseded by, one of them.

    - An event that another supersedes is dead, also when that other is itself superseded or annulled: no revival.
    - Of several that supersede the same event only the latest by (time, id, source) may live; what corrects a loser is
      lost with it.
    - An annulment counts for nothing itself.
    - One whose superseded event is not known (yet) lives: the rest of the tree can only kill it, never revive another.
    """
    known = {header.key: header for header in headers}
    winners = {parent: rivals[0] for parent, rivals in _rivals(known).items()}
    return {
        key
        for key, header in known.items()
        if header.action != ANNULLED and key not in winners and _wins_upwards(header, known, winners)
    }


def dead(headers: Iterable[EventHeader]) -> set[EventKey]:
    """The events among `headers`, and those that they supersede, which do not count: what `fold` leaves out."""
    listed = list(headers)
    keys = {header.key for header in listed} | {header.supersedes for header in listed if header.supersedes}
    return keys - alive(listed)


def both_listed(headers: Iterable[EventHeader]) -> dict[EventKey, tuple[EventKey, ...]]:
    """The events that more than one event supersedes, each with its rivals, the winner first: for people to look at."""
    known = {header.key: header for header in headers}
    return {parent: rivals for parent, rivals in _rivals(known).items() if len(rivals) > 1}


def _rivals(known: Mapping[EventKey, EventHeader]) -> dict[EventKey, tuple[EventKey, ...]]:
    """Superseded event → the events that supersede it, latest first."""
    children: dict[EventKey, list[EventHeader]] = {}
    for header in known.values():
        if header.supersedes is not None:
            children.setdefault(header.supersedes, []).append(header)
    return {parent: tuple(h.key for h in sorted(rivals, key=_lateness)[::-1]) for parent, rivals in children.items()}


def _lateness(header: EventHeader) -> tuple[datetime, str, str]:
    """Order of rivals: when it was said, then the ids, so that two registries never disagree."""
    return (header.time, header.id, header.source)


def _wins_upwards(
    header: EventHeader, known: Mapping[EventKey, EventHeader], winners: Mapping[EventKey, EventKey]
) -> bool:
    """Whether the event and everything above it are the winners among their rivals.

    Ends on a ring of events too: where the walk entered it, the ring's own member and ours are rivals, and one loses.
    """
    step: EventHeader | None = header
    while step is not None and step.supersedes is not None:
        if winners[step.supersedes] != step.key:
            return False
        step = known.get(step.supersedes)
    return True
