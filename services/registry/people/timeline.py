"""A person's history on both time axes: what held from which day on, who said so, and from when to when it was known.
Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from services.registry.facts.approved import as_it_was
from services.registry.facts.fold import Authorities, as_of, fold
from services.registry.facts.lineage import ANNULLED, EventHeader
from services.registry.facts.state import PersonState
from services.registry.facts.values import Fact, Mention

Reported = tuple[Sequence[Fact], Sequence[EventHeader]]
"""The facts about somebody, and what supersedes any of them."""
Fields = Mapping[str, object]
NO_SPOUSES: Mapping[Mention, Reported] = MappingProxyType({})
Shown = Callable[[PersonState], Fields]
"""What may be seen of a state; nothing, where nothing of it may."""


@dataclass(frozen=True)
class Version:
    """The history as it was known from an instant on: the facts that counted, the state from each day on, and when
    spouses died."""

    known_since: datetime
    facts: tuple[Fact, ...]
    days: tuple[tuple[date, PersonState], ...]
    deaths: Mapping[Mention, date]


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
    spouses: Mapping[Mention, Reported] = NO_SPOUSES,
) -> list[Version]:
    """How the history was known after each recording, the first one first. Days before what a recording changed are
    not folded again. `spouses`: whoever was ever called a spouse; of them nothing counts but that they died."""
    everything = ((facts, headers), *spouses.values())
    recorded = {each.recorded_at for known in everything for part in known for each in part if each.recorded_at}
    found: list[Version] = []
    before: frozenset[Fact] = frozenset()
    lost: dict[Mention, date] = {}
    days: dict[date, PersonState] = {}
    for instant in sorted(each for each in recorded if known_at is None or each <= known_at):
        gone = _deaths(spouses, authorities, valid_at, instant)
        chosen, dead = as_of(facts, headers, valid_at, instant)
        counting = [fact for fact in chosen if fact.event not in dead and fact.action != ANNULLED]
        changed = {fact.effective_on for fact in before.symmetric_difference(counting)}
        changed |= {day for _, day in gone.items() ^ lost.items()}
        if not changed:
            continue
        earliest, before, lost = min(changed), frozenset(counting), gone
        days = {day: state for day, state in days.items() if day < earliest}
        first = min((fact.effective_on for fact in counting), default=date.max)
        for day in sorted({*(fact.effective_on for fact in counting), *gone.values()}):
            if day >= max(earliest, first):
                days[day] = fold(_by_then(counting, day), frozenset(), authorities, _dead_by(gone, day))
        found.append(Version(instant, tuple(counting), tuple(days.items()), gone))
    return found


def _deaths(
    spouses: Mapping[Mention, Reported], authorities: Authorities, valid_at: date | None, known_at: datetime
) -> dict[Mention, date]:
    """When spouses died, as far as it was known."""
    folded = {mention: fold(*as_of(*known, valid_at, known_at), authorities) for mention, known in spouses.items()}
    return {mention: state.died_on for mention, state in folded.items() if state.died_on is not None}


def _dead_by(deaths: Mapping[Mention, date], day: date) -> dict[Mention, date]:
    return {mention: died for mention, died in deaths.items() if died <= day}


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
                said_by = _said_by(version, day, state, field, authorities)
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


def _said_by(version: Version, day: date, state: PersonState, field: str, authorities: Authorities) -> tuple[str, ...]:
    """Who is to be thanked for a value: without them it would be another. Of several who say the same, all. Who
    reported a spouse's death is not named: that is the spouse's."""
    by_then, deaths = _by_then(version.facts, day), _dead_by(version.deaths, day)
    value = getattr(state, field)

    def among(facts: Iterable[Fact]) -> object:
        return getattr(fold(facts, frozenset(), authorities, deaths), field)

    needed = {each.department for each in by_then if among(fact for fact in by_then if fact is not each) != value}
    alone = {fact.department for fact in by_then if among([fact]) == value}
    return tuple(sorted(needed or alone))


def _by_then(facts: Iterable[Fact], day: date) -> list[Fact]:
    return [as_it_was(fact, day) for fact in facts if fact.effective_on <= day]
