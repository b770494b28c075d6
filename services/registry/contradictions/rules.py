"""The rules by which facts contradict each other. Pure, and functions of the set of facts: no order, no clock.

They list and never decide: the fold goes on by its own rules (facts/fold.py), whatever is listed. What an authority
decided is settled: a correction that it approved stands in place of what had been said of that field before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from unicodedata import normalize

from services.registry.contradictions.family import Relative, in_the_family
from services.registry.contradictions.values import Contradiction, in_the_open, states
from services.registry.facts.approved import standing, value_of
from services.registry.facts.fold import SEX_NOT_STATED, fact_order
from services.registry.facts.lineage import ANNULLED
from services.registry.facts.state import PersonState
from services.registry.facts.values import CORRECTION, RESIDENT_NUMBER, EventKey, Fact, Mention
from shared.identifiers.errors import InvalidIdentifier
from shared.identifiers.resident import parse, sex_of

ACTS = frozenset(
    {
        "household.registered",
        "marriage.registered",
        "marriage.dissolved",
        "adoption.registered",
        "migration.departed",
        "migration.arrived",
        "residence.registered",
        "tenancy.registered",
        "enrolment.registered",
        "insurance.enrolled",
        "business.registered",
        "identity.changed",
    }
)
"""Events that only somebody alive has a part in. Ends, payments and grants may come after a death."""


def contradictions(
    facts: Iterable[Fact], dead: AbstractSet[EventKey], state: PersonState, kin: Mapping[Mention, Relative]
) -> set[Contradiction]:
    """Everything that contradicts about one person: their facts, their state, and their relatives by mention."""
    listed = list(facts)
    return own(listed, dead, state) | in_the_family(living_of(listed, dead), kin)


def own(facts: Sequence[Fact], dead: AbstractSet[EventKey], state: PersonState) -> set[Contradiction]:
    """What the facts about one person alone tell."""
    living = living_of(facts, dead)
    found: set[Contradiction] = set()
    if living:
        settled = Settled(standing(facts, dead, {}), state)
        found.update(_numbers(living, settled))
        if len(living) > 1 or settled.approved:  # a fact alone differs from none
            found.update(_differing(living, settled))
            found.update(_deaths(living, settled))
        found.update(_number_against(living, state, settled))
        found.update(_after_death(living, state.died_on, settled))
    return found | set(_registers(living)) | set(_departures(living)) | set(_dissolutions(living))


def living_of(facts: Iterable[Fact], dead: AbstractSet[EventKey]) -> list[Fact]:
    """The facts that count, each once, in the order of the fold."""
    living = {
        fact.mention: fact
        for fact in facts
        if fact.event not in dead and fact.action != ANNULLED and fact.type != CORRECTION
    }
    return sorted(living.values(), key=fact_order)


@dataclass(frozen=True)
class Settled:
    """What an authority decided about fields of one person, and what stands of them."""

    approved: Mapping[str, Fact]
    state: PersonState

    def said(self, field: str, living: Sequence[Fact]) -> list[Fact]:
        """What has been said since, beside what was decided; everything where nothing was."""
        correction = self.approved.get(field)
        if correction is None:
            return list(living)
        return [*self.stands(field), *(fact for fact in living if fact.time > correction.time)]

    def stands(self, field: str) -> list[Fact]:
        """The correction, unless its authority said otherwise later."""
        found = self.approved.get(field)
        return [found] if found is not None and value_of(found) == getattr(self.state, field) else []


def _after_death(living: Sequence[Fact], died_on: date | None, settled: Settled) -> Iterable[Contradiction]:
    if died_on is None:
        return
    deaths = [fact for fact in living if fact.type == "death.certified" and fact.effective_on == died_on]
    death = [*settled.stands("died_on"), *deaths][0]
    for fact in living:
        born = fact.type == "birth.certified" and fact.role == "child"
        if (born or fact.type in ACTS) and fact.effective_on > died_on:
            said = (states(death, "died_on", died_on), states(fact, "effective_on", fact.effective_on))
            yield Contradiction("event-after-death", fact.event, said)


def _deaths(living: Sequence[Fact], settled: Settled) -> Iterable[Contradiction]:
    deaths = settled.said("died_on", [fact for fact in living if fact.type == "death.certified"])
    yield from _several("deaths-differ", "died_on", deaths, _day_of_death)


def _day_of_death(fact: Fact) -> str | None:
    return fact.effective_on.isoformat() if fact.body.approved is None else fact.body.approved.value


def _differing(living: Sequence[Fact], settled: Settled) -> Iterable[Contradiction]:
    """Descriptions that differ. What a change by law explains does not count, nor anything said before it."""
    lawful = [fact for fact in living if fact.body.became is not None]
    since = living.index(lawful[-1]) if lawful else 0
    before = [fact.body.became for fact in lawful if fact.body.became is not None]
    names = {_plain(each.name_before) for each in before} | {_plain(fact.body.name) for fact in lawful[:-1]}
    dates = {each.birth_date_before for each in before} | {fact.body.birth_date for fact in lawful[:-1]}
    said = living[since:]
    yield from _several(
        "names-differ", "name", settled.said("name", said), lambda fact: _unless(_plain(fact.body.name), names)
    )
    yield from _several(
        "birth-dates-differ",
        "birth_date",
        settled.said("birth_date", said),
        lambda fact: None if fact.body.birth_date in dates else fact.body.birth_date.isoformat(),
    )
    yield from _several(
        "sexes-differ", "sex", settled.said("sex", said), lambda fact: _unless(fact.body.sex, SEX_NOT_STATED)
    )


def _several(
    kind: str, field: str, facts: Sequence[Fact], read: Callable[[Fact], str | None]
) -> Iterable[Contradiction]:
    """One contradiction where the facts state more than one value; each value once for each department."""
    said: dict[tuple[str, str], Fact] = {}
    for fact in in_the_open(facts):
        value = read(fact)
        if value:
            said.setdefault((value, fact.department), fact)
    values = sorted({value for value, _ in said})
    if len(values) > 1:
        yield Contradiction(
            kind,
            tuple(values),
            tuple(states(fact, field, value) for (value, _), fact in sorted(said.items(), key=_by_key)),
        )


def _by_key(item: tuple[tuple[str, str], Fact]) -> tuple[str, str]:
    return item[0]


def _number_against(living: Sequence[Fact], state: PersonState, settled: Settled) -> Iterable[Contradiction]:
    """The number that stands beside the birth date and sex that stand; what the law gave is asked for no reasons."""
    if state.identity_number is None or any(fact.body.became for fact in living):
        return
    if as_numbered(state.identity_number, state.birth_date, state.sex):
        return
    try:
        told = parse(state.identity_number, today=date.max)
    except InvalidIdentifier:
        return
    told_of = in_the_open(living)
    given = [*settled.stands("identity_number"), *told_of]
    giver = next(fact for fact in given if state.identity_number in _resident_numbers(fact))
    for kind, field, by_number, stated in (
        ("number-against-birth-date", "birth_date", told.birth_date, state.birth_date),
        ("number-against-sex", "sex", told.sex, state.sex),
    ):
        if stated is None or stated in SEX_NOT_STATED or stated == by_number:
            continue
        says = next(fact for fact in [*settled.stands(field), *told_of] if getattr(fact.body, field) == stated)
        said = (states(giver, "identity_number", state.identity_number), states(says, field, stated))
        yield Contradiction(kind, (state.identity_number, str(stated)), said)


def as_numbered(number: str, birth_date: date | None, sex: str | None) -> bool:
    """Whether a resident number surely tells this birth date and sex: of nearly everybody, with nothing parsed."""
    return (
        birth_date is not None
        and len(number) == 18
        and number[6:14] == birth_date.isoformat().replace("-", "")
        and number[16].isdecimal()
        and sex == sex_of(int(number[16]))
    )


def _numbers(living: Sequence[Fact], settled: Settled) -> Iterable[Contradiction]:
    """Resident numbers that no change by law has joined."""
    living = settled.said("identity_number", living)
    joined = {number for fact in living if fact.body.became for number in _resident_numbers(fact)}
    holders: dict[str, Fact] = {}
    for fact in in_the_open(living):
        for number in sorted(_resident_numbers(fact)):
            holders.setdefault(number, fact)
    if len(holders.keys() - joined) + bool(joined) > 1:
        said = tuple(states(holders[number], "identity_number", number) for number in sorted(holders))
        yield Contradiction("two-living-numbers", tuple(sorted(holders)), said)


def _registers(living: Sequence[Fact]) -> Iterable[Contradiction]:
    """Two entries in different households, of one day, or by two sources where neither was ended."""
    standing: dict[str, Fact] = {}
    for fact in living:
        entry = fact.body.household
        if entry is None:
            if fact.type == "migration.departed":
                standing.clear()
            elif fact.body.cancelled is not None:
                standing = {source: each for source, each in standing.items() if _number(each) != fact.body.cancelled}
            continue
        for source, other in standing.items():
            at_once = other.effective_on == fact.effective_on
            if _number(other) != entry.number and (
                at_once or (source != fact.event_source and fact.type == "household.registered")
            ):
                said = (
                    states(other, "household_number", _number(other)),
                    states(fact, "household_number", entry.number),
                )
                yield Contradiction("two-households", (*other.event, *fact.event), said)
        if fact.type == "migration.arrived":
            standing.clear()
        standing[fact.event_source] = fact


def _departures(living: Sequence[Fact]) -> Iterable[Contradiction]:
    """Departures from where the person was not registered. One that comes after its own arrival moves nobody."""
    last: Fact | None = None
    area: str | None = None
    arrived: set[str | None] = set()
    for fact in living:
        if fact.body.household is not None:
            last, area = fact, fact.body.household.area
            arrived.add(fact.body.permit)
        elif fact.body.cancelled is not None:
            last, area = fact, None
        elif fact.type == "migration.departed" and fact.body.permit not in arrived:
            left = fact.body.from_area or ""
            if area is None or not (area.startswith(left) or left.startswith(area)):
                before = (states(last, "registered_area", area or ""),) if last else ()
                yield Contradiction(
                    "departed-without-being-registered", fact.event, (*before, states(fact, "from_area", left))
                )
            last, area = fact, None


def _dissolutions(living: Sequence[Fact]) -> Iterable[Contradiction]:
    """A dissolution with somebody else than whom the registered marriages name. Where none was registered at all the
    marriage is older than the registers, and contradicts nothing."""
    marriages = [fact for fact in living if fact.type == "marriage.registered"]
    for fact in living:
        numbers = set(fact.body.spouse_numbers)
        if fact.type == "marriage.dissolved" and marriages:
            before = [each for each in marriages if fact_order(each) < fact_order(fact)]
            if not any(numbers & set(each.body.spouse_numbers) for each in before):
                said = [states(each, "effective_on", each.effective_on) for each in (marriages[-1], fact)]
                yield Contradiction("dissolved-without-marriage", fact.event, tuple(said))


def _resident_numbers(fact: Fact) -> set[str]:
    return {number.value for number in fact.body.identifiers if number.type == RESIDENT_NUMBER}


def _number(fact: Fact) -> str:
    return fact.body.household.number if fact.body.household else ""


def _plain(name: str) -> str:
    return " ".join(normalize("NFKC", name).split())


def _unless(value: str, explained: AbstractSet[str]) -> str | None:
    return None if value in explained else value
