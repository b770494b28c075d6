"""The month: what the departments of the county report in the days before `today`, and what must follow from it."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from deploy.tenfold.county.births import Birth, Births
from deploy.tenfold.county.cast import Cast
from deploy.tenfold.county.diary import Diary
from deploy.tenfold.county.dwellings import Dwellings
from deploy.tenfold.county.endings import Endings
from deploy.tenfold.county.lives import Lives
from deploy.tenfold.county.mentions import EventKey
from deploy.tenfold.county.mistake import Mistake
from deploy.tenfold.county.mistakes import Mistakes
from deploy.tenfold.county.moves import Moves
from deploy.tenfold.county.scene import Scene
from deploy.tenfold.county.schooling import Schooling
from deploy.tenfold.county.stays import Stays
from deploy.tenfold.county.subsidies import Subsidies
from deploy.tenfold.county.values import REFERENCE, County, Report
from deploy.tenfold.county.work import Work

SHORTEST = 7
# Events per thousand people and year, near the national figures of 2020-2024; moves are those across a township border.
_BIRTHS, _DEATHS, _MARRIAGES, _WITHIN, _OUT, _INTO = 8.0, 7.5, 5.0, 12.0, 8.0, 9.0


@dataclass(frozen=True)
class MonthPlan:
    """The reports in the order of arrival, and the stories behind them as far as something must follow."""

    county: County
    today: date
    reports: tuple[Report, ...]
    births: tuple[Birth, ...]
    held: tuple[str, ...]
    """Ids of the reports that wait for a clerk to the end."""
    died: int
    newcomers: int
    mistakes: tuple[Mistake, ...] = ()
    """What cannot all be true, beside a death that two departments date differently."""

    @property
    def decided(self) -> frozenset[EventKey]:
        """The reports that wait until a clerk says that they are about the one person whom they describe."""
        return frozenset(each.report for each in self.mistakes if each.decided)


@dataclass(frozen=True)
class Expectations:
    """What a correct Tenfold shows once everything of the plan is applied: counted from the plan, not the system."""

    reports: int
    held: int
    """Reports that still wait for a clerk."""
    open_help: Mapping[str, int]
    """Facility code → open alerts of help with birth registration; facilities without any are left out."""
    people_registered_since: int
    """Newborns with a first registration and newcomers: people with a household who were not in the base population."""
    newborns_unregistered: int
    deaths: int


def plan(county: County, days: int, today: date) -> MonthPlan:
    """Plan `days` days that end on the eve of `today`. Deterministic for (county, days, today). Raises ValueError if
    the month is shorter than a week or reaches back before the base population."""
    if days < SHORTEST:
        raise ValueError(f"a month here has at least {SHORTEST} days")
    if today - timedelta(days=days) < REFERENCE:
        raise ValueError(f"the month may not begin before {REFERENCE}, the day of the base population")
    rng = random.Random(f"tenfold-month:{county.seed}:{len(county.people)}:{days}:{today}")
    cast, diary = Cast(rng, county, today), Diary(rng, today)

    def usual(rate: float) -> int:
        return round(len(county.people) * rate / 1000 * days / 365)

    births = tuple(Births(rng, county, cast, diary, days, today).tell(usual(_BIRTHS)))
    lives = Lives(rng, county, cast, diary, days, today)
    held = lives.doubtful_identity()
    lives.marriages(max(2, usual(_MARRIAGES)))
    lives.adoption()
    newcomers = Moves(rng, county, cast, diary, days, today).tell(
        max(2, usual(_WITHIN)), max(2, usual(_OUT)), max(2, usual(_INTO))
    )
    died = lives.deaths(max(3, usual(_DEATHS))) + sum(not birth.alive for birth in births)
    scene = Scene(rng, county, cast, diary, days, today)
    for stories in (Dwellings, Subsidies, Schooling, Work, Stays, Endings):
        stories(scene).tell()
    mistakes = Mistakes(scene)
    made = tuple(mistakes.tell())
    return MonthPlan(
        county,
        today,
        diary.reports(),
        (*births, *mistakes.births),
        held,
        died + mistakes.died,
        newcomers + mistakes.newcomers,
        made,
    )


def month(county: County, days: int, today: date) -> list[Report]:
    """The reports of the plan, in the order of arrival."""
    return list(plan(county, days, today).reports)


def expectations(plan: MonthPlan) -> Expectations:
    """Count what should follow."""
    facilities = [plan.county.facility_for(birth.area) for birth in plan.births if birth.needs_help(plan.today)]
    certified = [birth for birth in plan.births if not birth.annulled]
    return Expectations(
        reports=len(plan.reports),
        held=len(plan.held),
        open_help=Counter(facility for facility in facilities if facility is not None),
        people_registered_since=sum(birth.registered for birth in certified) + plan.newcomers,
        newborns_unregistered=sum(not birth.registered for birth in certified),
        deaths=plan.died,
    )
