"""Statistics counted once more in plain Python, day by day, by nothing that keeps the counts: who lives where at a
month's end, asked of each person's residencies; and what happened, asked of the reports themselves."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.registry.facts.state import PersonState
from services.registry.facts.values import Fact

DAY = timedelta(days=1)
Place = Callable[[str | None], str | None]
"""An area as it counts; None: outside the county."""


@dataclass(frozen=True)
class Somebody:
    """A person: the state that their facts give, and the facts that live, in their order."""

    state: PersonState
    facts: Sequence[Fact]


def month(day: date) -> int:
    """Months since the year nought."""
    return day.year * 12 + day.month - 1


def last_day(of: int) -> date:
    """The last day of a month."""
    return date((of + 1) // 12, (of + 1) % 12 + 1, 1) - DAY


def a_year_after(day: date) -> date:
    """The same day of the next year; 28 February for 29."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 2, 28)


def registered_at(who: Somebody, day: date, place: Place) -> str | None:
    """In which place of the county the register has somebody on a day, who has not left for elsewhere meanwhile."""
    for each in who.state.residencies:
        here = place(each.area)
        since = max(each.since, who.state.birth_date or each.since)
        if here is None or not since <= day or (each.until is not None and each.until <= day):
            continue
        away, met = False, set()
        for fact in who.facts:
            if fact.effective_on > day or (each.until is not None and fact.effective_on >= each.until):
                continue
            if fact.body.household is not None:
                met.add(fact.body.permit)
                if place(fact.body.household.area) == here:
                    away = False
            elif (
                fact.type == "migration.departed"
                and fact.effective_on >= since
                and fact.body.permit not in met
                and place(fact.body.to_area) is None
            ):
                away = True
        if not away:
            return here
    return None


def lives_in(who: Somebody, day: date, place: Place) -> str | None:
    """Where somebody counts on a day: "" for a newborn whom no register has entered yet."""
    born = who.state.birth_date
    if born is None or day < born:
        return None
    if who.state.mother is None:
        return registered_at(who, day, place)
    limit = a_year_after(born)
    first = first_day(who, limit, place)
    if first is not None and day < first[0]:
        return first[1] if first[2] else waiting(who, day, limit)
    return registered_at(who, day, place) if first is not None else waiting(who, day, limit)


def waiting(who: Somebody, day: date, limit: date) -> str | None:
    """A newborn waits for the register for a year, and as long as it lives."""
    return "" if day < limit and (who.state.died_on is None or day < who.state.died_on) else None


def first_day(who: Somebody, limit: date, place: Place) -> tuple[date, str, bool] | None:
    """On which day and where the register first has somebody, and whether that entry is within a year of birth and no
    arrival from elsewhere: then it is the entry of the birth."""
    born = who.state.birth_date or date.min
    days = sorted({max(each.since, born) for each in who.state.residencies} | {
        fact.effective_on for fact in who.facts if fact.body.household is not None and fact.effective_on >= born
    })  # fmt: skip
    for day in days:
        if (here := registered_at(who, day, place)) is not None:
            came = any(
                fact.type == "migration.arrived"
                and fact.effective_on == day
                and fact.body.household is not None
                and place(fact.body.household.area) == here
                and place(fact.body.from_area) is None
                for fact in who.facts
            )
            back = any(each.until == day and place(each.area) is None for each in who.state.residencies)
            return day, here, day <= limit and not came and not back
    return None


def population(people: Iterable[Somebody], months: Iterable[int], place: Place) -> Counter[tuple[int, str, str, int]]:
    """People at the end of months by place, sex and month of birth."""
    found: Counter[tuple[int, str, str, int]] = Counter()
    for who in people:
        born = who.state.birth_date
        sex = who.state.sex if who.state.sex in ("male", "female") else "unknown"
        for each in months:
            here = lives_in(who, last_day(each), place)
            if here is not None and born is not None:
                found[each, here, sex, month(born)] += 1
    return found


def happened(people: Iterable[Somebody]) -> Mapping[str, Counter[int]]:
    """Certified births, and each spouse's side of marriages and divorces, by month."""
    found = {"born": Counter[int](), "married": Counter[int](), "divorced": Counter[int]()}
    for who in people:
        if who.state.mother is not None and who.state.birth_date is not None:
            found["born"][month(who.state.birth_date)] += 1
        for kind, name in (("married", "marriage.registered"), ("divorced", "marriage.dissolved")):
            papers: dict[str | None, date] = {}
            for fact in who.facts:
                if fact.type == name:
                    papers.setdefault(fact.body.certificate, fact.effective_on)
            found[kind].update(month(day) for day in papers.values())
    return found


def deaths(people: Iterable[Somebody], place: Place) -> Counter[int]:
    """Who counted on the day before they died, or was born that day, by month. A birth that is said to be after the
    death is a birth and a death on its own day: the contradiction is listed, and the balance closes."""
    found: Counter[int] = Counter()
    for who in people:
        died, born = who.state.died_on, who.state.birth_date
        if died is None:
            continue
        newborn = who.state.mother is not None and born is not None and born >= died
        day = born if newborn and born is not None else died
        if lives_in(who, day, place) is None and (newborn or lives_in(who, died - DAY, place) is not None):
            found[month(day)] += 1
    return found
