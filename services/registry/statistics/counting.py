"""What one person counts for, as a pure function of their state and of the facts that live: no clock, no order.

A *stay* is an unbroken time in one place of the county. Whoever starts to count does so by exactly one of birth
(`joined` and `born`), first registration or correction (`joined` alone) or arrival; whoever stops, by death, departure
or cancellation (`left`). Nothing is left over: the population of a place is the sum of these rows.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from services.registry.facts.state import PersonState
from services.registry.facts.values import Fact
from services.registry.statistics.places import COUNTY, place, shared_digits

JOINED, ARRIVED, DIED, LEFT, DEPARTED = "joined", "arrived", "died", "left", "departed"
SIGN = {JOINED: 1, ARRIVED: 1, DIED: -1, LEFT: -1, DEPARTED: -1}
"""What changes the population of a place, and how."""

BORN, DELIVERED, MARRIED, DIVORCED = "born", "delivered", "married", "divorced"
"""Births by the child's sex; births by the mother's age group; each spouse's side of a marriage and of a divorce."""
TIMELY, LATE, DELAYED, UNREGISTERED, UNCERTIFIED = "timely", "late", "delayed", "unregistered", "uncertified"
"""How a birth came into the household register: within the legal month, within a year, later, not (yet); or only there.
"""
NEW_YEAR, FIRST_OF_MONTH, OTHER_DAY = "born-on-new-year", "born-on-first-of-month", "born-on-another-day"
UNPLACED = "unplaced"
"""Where a newborn counts whom no household register has entered yet: in the county, in none of its places."""

YOUNGEST, OLDEST, STEP = 15, 45, 5  # age groups of mothers; younger and older ones count in the first and the last

Cells: TypeAlias = "Counter[Cell]"


class Cell(NamedTuple):
    """What is counted. `month`, `born`: year × 12 + month − 1; 0 where it does not matter. `within`: digits of the
    smallest place that holds both ends of a move, within which it counts as none."""

    kind: str
    month: int
    area: str
    sex: str
    born: int
    within: int = 0


class Stay(NamedTuple):
    """An unbroken time in one place, `until` exclusive. `by`: how it began, `end`: how it ended."""

    area: str
    since: date
    until: date | None
    by: str
    end: str = LEFT


def month_of(day: date) -> int:
    """The month of a day as a number."""
    return day.year * 12 + day.month - 1


def counted(state: PersonState, ordered: Sequence[Fact], home: frozenset[str]) -> Cells:
    """Everything a person counts for. `ordered`: the facts that live, in fact order."""
    cells: Cells = Counter()
    sex = state.sex if state.sex in ("male", "female") else "unknown"
    born = state.birth_date
    if born is not None:
        stays = newborn(state, stays_of(state, ordered, home))
        cells.update(moving(stays, sex, month_of(born), state.died_on))
        cells.update(born_here(state, born, sex, stays))
        if any(stay.area != UNPLACED for stay in stays):
            cells[Cell(kind_of_day(born), 0, COUNTY, "", 0)] += 1
    cells.update(events(ordered))
    return cells


def stays_of(state: PersonState, ordered: Sequence[Fact], home: frozenset[str]) -> list[Stay]:
    """Where the person counted within the county. Who departs to elsewhere stops on that day: nobody may ever report
    the arrival. A later registration in the same household begins a new stay."""
    arrivals = {
        (fact.effective_on, place(fact.body.household.area, home))
        for fact in ordered
        if fact.type == "migration.arrived" and fact.body.household and place(fact.body.from_area, home) is None
    }
    born = state.birth_date or date.min
    elsewhere = [each for each in state.residencies if place(each.area, home) is None]
    gone, back = {each.since for each in elsewhere}, {each.until for each in elsewhere}
    stays: list[Stay] = []
    for each in state.residencies:
        area, since, until = place(each.area, home), max(each.since, born), each.until
        if area is None or (until is not None and until <= since):
            continue
        by = ARRIVED if (since, area) in arrivals or since in back else JOINED
        end = DEPARTED if until in gone else DIED if until is not None and until == state.died_on else LEFT
        stays += parted(Stay(area, since, until, by, end), ordered, home)
    return stays


def parted(stay: Stay, ordered: Sequence[Fact], home: frozenset[str]) -> list[Stay]:
    """The stay without the times after departures to elsewhere."""
    found: list[Stay] = []
    arrived: set[str | None] = set()
    open_: Stay | None = stay
    for fact in ordered:
        day, inside = fact.effective_on, stay.until is None or fact.effective_on < stay.until
        if fact.body.household is not None:
            arrived.add(fact.body.permit)
            if open_ is None and inside and place(fact.body.household.area, home) == stay.area:
                by = ARRIVED if fact.type == "migration.arrived" else JOINED
                open_ = stay._replace(since=day, by=by)
        elif (
            fact.type == "migration.departed"
            and open_ is not None
            and inside
            and day >= open_.since
            and fact.body.permit not in arrived
            and place(fact.body.to_area, home) is None
        ):
            found.append(open_._replace(until=day, end=DEPARTED))
            open_ = None
    return found if open_ is None else [*found, open_]


def newborn(state: PersonState, stays: list[Stay]) -> list[Stay]:
    """A certified newborn counts from birth: where the register entered it within a year, else in no place of the
    county, for a year at most."""
    born = state.birth_date
    if state.mother is None or born is None:
        return stays
    limit = anniversary(born)
    if stays and stays[0].since <= limit and stays[0].by == JOINED:
        return [stays[0]._replace(since=born, by=BORN), *stays[1:]]
    until = min(limit, state.died_on) if state.died_on else limit
    if stays:
        until = min(until, stays[0].since)
    end = DIED if until == state.died_on else LEFT
    return [Stay(UNPLACED, born, max(until, born), BORN, end), *stays]


def moving(stays: list[Stay], sex: str, born: int, died_on: date | None) -> Iterable[Cell]:
    """One row for each beginning and each end. A stay that begins where the last one ended continues it: a move."""
    if not stays:
        return
    first, last = stays[0], stays[-1]
    yield Cell(JOINED if first.by == BORN else first.by, month_of(first.since), first.area, sex, born)
    for before, after in pairwise(stays):
        month = month_of(after.since)
        if before.until == after.since and before.end != DEPARTED and after.by != ARRIVED:
            if before.area == UNPLACED:
                yield Cell(LEFT, month, UNPLACED, sex, born)
                yield Cell(JOINED, month, after.area, sex, born)
            elif before.area != after.area:
                within = max(1, shared_digits(before.area, after.area))  # at least the county holds both
                yield Cell(DEPARTED, month, before.area, sex, born, within)
                yield Cell(ARRIVED, month, after.area, sex, born, within)
        else:
            if before.until is not None:
                yield Cell(LEFT if before.end == DIED else before.end, month_of(before.until), before.area, sex, born)
            yield Cell(after.by, month, after.area, sex, born)
    if last.until is not None:
        yield Cell(last.end, month_of(last.until), last.area, sex, born)


def born_here(state: PersonState, born: date, sex: str, stays: list[Stay]) -> Iterable[Cell]:
    """A certified birth, once, by the day of birth; and how it came into the household register."""
    registered = [stay.since for stay in state.residencies]
    month = month_of(born)
    if state.mother is not None:
        yield Cell(BORN, month, COUNTY, sex, 0)
        yield Cell(promptness(born, min(registered, default=None)), month, COUNTY, "", 0)
    elif stays and stays[0].by == JOINED and stays[0].since <= anniversary(born):
        yield Cell(UNCERTIFIED, month, COUNTY, "", 0)


def promptness(born: date, registered: date | None) -> str:
    """Within one month (Household Registration Regulations, Art. 7), within a year, later, or not."""
    if registered is None:
        return UNREGISTERED
    if registered <= same_day_next_month(born):
        return TIMELY
    return LATE if registered <= anniversary(born) else DELAYED


def events(ordered: Sequence[Fact]) -> Iterable[Cell]:
    """Sides of marriages and divorces, each certificate once a person; births by the mother's age group and year."""
    seen: set[tuple[str, str | None]] = set()
    for fact in ordered:
        kind = {"marriage.registered": MARRIED, "marriage.dissolved": DIVORCED}.get(fact.type)
        if kind is not None and (kind, fact.body.certificate) not in seen:
            seen.add((kind, fact.body.certificate))
            yield Cell(kind, month_of(fact.effective_on), COUNTY, "", 0)
        elif fact.type == "birth.certified" and fact.role == "mother":
            age = full_years(fact.body.birth_date, fact.effective_on)
            group = min(max(age // STEP * STEP, YOUNGEST), OLDEST)
            yield Cell(DELIVERED, fact.effective_on.year * 12, COUNTY, "", group)


def kind_of_day(born: date) -> str:
    """1 January, another first of a month, or another day: where birth dates are guessed, they heap."""
    if born.day != 1:
        return OTHER_DAY
    return NEW_YEAR if born.month == 1 else FIRST_OF_MONTH


def full_years(born: date, day: date) -> int:
    """Age in full years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def anniversary(day: date) -> date:
    """One year later; 28 February for 29."""
    return day.replace(year=day.year + 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


def same_day_next_month(day: date) -> date:
    """One month later; the month's last day where there is no such day."""
    year, month = divmod(month_of(day) + 1, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
