"""What a plan is made of: the dates and circumstances of one episode. Pure.

The infection flag is not among them: no date can depend on it, so none can tell of it.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

PREGNANCY = timedelta(days=280)  # from the last menstrual period to the estimated due date
PRETERM_BEFORE = timedelta(weeks=37)
LONGEST = timedelta(weeks=44)  # beyond it, a date was mistyped


class Dating(StrEnum):
    """Which of two dates counts where both are known."""

    LMP = "lmp"
    EDD = "edd"


class Circumstance(StrEnum):
    """Why a newborn is seen more often (national norms 2017, newborn visits)."""

    PRETERM = "preterm"
    LOW_WEIGHT = "low-weight"
    MULTIPLE = "multiple"
    BIRTH_DEFECT = "birth-defect"


class Ending(StrEnum):
    """How a contact of the plan was finished."""

    DONE = "done"
    DECLINED = "declined"
    MOVED = "moved"
    ENDED = "ended"
    NOT_APPLICABLE = "not-applicable"
    MISSED = "missed"


@dataclass(frozen=True)
class Child:
    """A child of the episode. `number` tells twins apart within it: 1 for the first-born. `discharged_on` where it
    differs from the mother's. `preterm` is computed from the dates where nobody has said."""

    number: int
    born_on: date
    discharged_on: date | None = None
    preterm: bool | None = None
    low_weight: bool = False
    birth_defect: bool = False
    ended: bool = False


@dataclass(frozen=True)
class Risk:
    """The level a clinician set, on a scale, and when."""

    scale: str
    level: str
    set_on: date


@dataclass(frozen=True, order=True)
class Referral:
    """A referral, numbered from 1 within the episode. `child`: whom it is about where it is a child."""

    number: int
    on: date
    child: int | None = None


@dataclass(frozen=True, order=True)
class Finished:
    """A contact that needs no more planning, by schedule and code, whatever the version. `on`: the day it was done.
    `opens_on`: the first day of its window, which says when it was planned where the same code comes again."""

    schedule: str
    code: str
    child: int | None
    ending: Ending
    on: date
    opens_on: date | None = dataclasses.field(default=None, compare=False)

    @property
    def planned_for(self) -> date:
        """The first day of its window; the day it is about where that is not known."""
        return self.opens_on or self.on


@dataclass(frozen=True)
class EpisodeFacts:
    """What is known of an episode. Dates in Asia/Shanghai.

    `enrolled_on`: windows that were over by then never applied. `dated_on`: when the present dating was settled, where
    it was revised; the same holds for it. `multiple`: where it is known before the children are. `ended`: the episode,
    or what it was about, is over, for whatever reason.
    """

    enrolled_on: date
    lmp: date | None = None
    edd: date | None = None
    dating: Dating = Dating.LMP
    dated_on: date | None = None
    delivered_on: date | None = None
    discharged_on: date | None = None
    multiple: bool = False
    ended: bool = False
    children: tuple[Child, ...] = ()
    risk: Risk | None = None
    referrals: tuple[Referral, ...] = ()
    finished: tuple[Finished, ...] = ()

    @property
    def begun_on(self) -> date | None:
        """Day 0 of the pregnancy: the last menstrual period, or the estimated due date less 280 days."""
        by_edd = self.edd - PREGNANCY if self.edd else None
        return by_edd or self.lmp if self.dating is Dating.EDD else self.lmp or by_edd

    @property
    def due_on(self) -> date | None:
        """The estimated due date that counts."""
        return self.begun_on + PREGNANCY if self.begun_on else None

    def circumstances(self, child: Child) -> frozenset[Circumstance]:
        """Why this child is seen more often. Born before 37 completed weeks is preterm where nobody has said."""
        begun = self.begun_on
        early = child.preterm
        if early is None:
            early = begun is not None and child.born_on < begun + PRETERM_BEFORE
        found = {
            Circumstance.PRETERM: early,
            Circumstance.LOW_WEIGHT: child.low_weight,
            Circumstance.MULTIPLE: self.multiple or len(self.children) > 1,
            Circumstance.BIRTH_DEFECT: child.birth_defect,
        }
        return frozenset(each for each, holds in found.items() if holds)

    def faults(self, today: date) -> Iterator[tuple[str, str]]:
        """What cannot be true, as (field, code of the fault)."""
        for field in ("lmp", "delivered_on", "discharged_on", "dated_on", "enrolled_on"):
            day: date | None = getattr(self, field)
            if day is not None and day > today:
                yield field, "in-the-future"
        yield from self._faults_of_pregnancy(today)
        if len({child.number for child in self.children}) != len(self.children):
            yield "children", "number-twice"
        for place, child in enumerate(self.children):
            if child.born_on > today:
                yield f"children/{place}/born_on", "in-the-future"
            if child.discharged_on and child.discharged_on < child.born_on:
                yield f"children/{place}/discharged_on", "before-the-birth"

    def _faults_of_pregnancy(self, today: date) -> Iterator[tuple[str, str]]:
        if self.edd is not None and self.edd > today + PREGNANCY:
            yield "edd", "too-far-ahead"
        if self.dating is Dating.EDD and self.edd is None:
            yield "dating", "no-such-date"
        born = self.delivered_on
        if born and self.begun_on and not timedelta(0) < born - self.begun_on <= LONGEST:
            yield "delivered_on", "does-not-fit-the-dating"
        if born and self.discharged_on and self.discharged_on < born:
            yield "discharged_on", "before-the-birth"
