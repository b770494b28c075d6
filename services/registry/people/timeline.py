"""A person's history on both time axes: what held from which day on, who said so, and from when to when it was known.
Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.registry.facts.approved import as_it_was
from services.registry.facts.fold import Authorities, as_of, fold
from services.registry.facts.lineage import ANNULLED, EventHeader
from services.registry.facts.state import PersonState
from services.registry.facts.values import Fact

Fields = Mapping[str, object]
Shown = Callable[[PersonState], Fields]
"""What may be seen of a state; nothing, where nothing of it may."""


@dataclass(frozen=True)
class Version:
    """The history as it was known from an instant on: the facts that counted, and the state from each day on."""

    known_since: datetime
    facts: tuple[Fact, ...]
    days: tuple[tuple[date, PersonState], ...]


@dataclass(frozen=True)
class Change:
    """From a day on a field had this value. `said_by`: departments without whose report it would not; `known_until`:
    when it turned out otherwise, None where it still counts."""

    on: date
    field: str
    value: object
    said_by: tuple[str, ...]
    known_since: datetime
    known_until: datetime | None = None


def versions(
    facts: Sequence[Fact],
    headers: Sequence[EventHeader],
    authorities: Authorities,
    valid_at: date | None = None,
    known_at: datetime | None = None,
) -> list[Version]:
    """How the history was known after each recording, the first one first. Days before what a recording changed are
    not folded again."""
    instants = [*(fact.recorded_at for fact in facts), *(header.recorded_at for header in headers)]
    recorded = {each for each in instants if each is not None}
    found: list[Version] = []
    before: frozenset[Fact] = frozenset()
    days: dict[date, PersonState] = {}
    for instant in sorted(each for each in recorded if known_at is None or each <= known_at):
        chosen, dead = as_of(facts, headers, valid_at, instant)
        counting = [fact for fact in chosen if fact.event not in dead and fact.action != ANNULLED]
        changed = before.symmetric_difference(counting)
        if not changed:
            continue
        earliest, before = min(fact.effective_on for fact in changed), frozenset(counting)
        days = {day: state for day, state in days.items() if day < earliest}
        for day in sorted({fact.effective_on for fact in counting if fact.effective_on >= earliest}):
            days[day] = fold(_by_then(counting, day), frozenset(), authorities)
        found.append(Version(instant, tuple(counting), tuple(days.items())))
    return found


def changes(known: Iterable[Version], shown: Shown, authorities: Authorities) -> list[Change]:
    """Every change of what may be seen, by day; what turned out wrong stands beside what replaced it."""
    standing: dict[tuple[date, str, object], Change] = {}
    over: list[Change] = []
    for version in known:
        current = set()
        for day, state, field, value in _seen(version, shown):
            key = (day, field, value)
            current.add(key)
            if key not in standing:
                said_by = _said_by(version.facts, day, state, field, authorities)
                standing[key] = Change(day, field, value, said_by, version.known_since)
        for key in standing.keys() - current:
            gone = standing.pop(key)
            over.append(Change(gone.on, gone.field, gone.value, gone.said_by, gone.known_since, version.known_since))
    return sorted([*over, *standing.values()], key=lambda each: (each.on, each.known_since, each.field))


def _seen(version: Version, shown: Shown) -> Iterable[tuple[date, PersonState, str, object]]:
    last: Fields = {}
    for day, state in version.days:
        fields = shown(state)
        for field, value in fields.items():
            if value != last.get(field):
                yield day, state, field, value
        last = {**last, **fields}


def _said_by(
    facts: Sequence[Fact], day: date, state: PersonState, field: str, authorities: Authorities
) -> tuple[str, ...]:
    """Who is to be thanked for a value: without them it would be another. Of several who say the same, all."""
    by_then = _by_then(facts, day)
    value = getattr(state, field)

    def without(left_out: Fact) -> object:
        return getattr(fold([fact for fact in by_then if fact is not left_out], frozenset(), authorities), field)

    needed = {fact.department for fact in by_then if without(fact) != value}
    alone = {fact.department for fact in by_then if getattr(fold([fact], frozenset(), authorities), field) == value}
    return tuple(sorted(needed or alone))


def _by_then(facts: Iterable[Fact], day: date) -> list[Fact]:
    return [as_it_was(fact, day) for fact in facts if fact.effective_on <= day]
