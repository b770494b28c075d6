"""What every story of a month is told with, and how often each is told."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from deploy.tenfold.county.cast import Cast
from deploy.tenfold.county.cloudevents import Json, TypeName, created
from deploy.tenfold.county.diary import Diary, Told
from deploy.tenfold.county.values import County, Resident


@dataclass(frozen=True)
class Scene:
    """One month of one county. The month ends on the eve of `today`."""

    rng: random.Random
    county: County
    cast: Cast
    diary: Diary
    days: int
    today: date

    def day(self, latest: int) -> date:
        """Some day of the month, at least `latest` days before its end, where it is that long."""
        return self.today - timedelta(days=self.rng.randint(min(latest, self.days), self.days))

    def usual(self, rate: float, least: int = 2) -> int:
        """How many of what happens `rate` times per thousand people and year."""
        return max(least, round(len(self.county.people) * rate / 1000 * self.days / 365))

    def some(self, count: int, fits: Callable[[Resident], bool]) -> Iterator[Resident]:
        """Up to so many people who fit and play nowhere else."""
        for _ in range(count):
            who = self.cast.find(fits)
            if who is None:
                return
            yield who

    def tell(self, type_name: TypeName, day: date, **fields: object) -> Told:
        """Report something on the day on which it took effect."""
        return self.diary.tell(type_name, day, created(day, **fields))

    def later(self, told: Told, least: int = 1) -> date:
        """A day of the month at least `least` days after the report."""
        reported = told.recorded.date()
        left = (self.today - reported).days - 1
        return reported + timedelta(days=self.rng.randint(min(least, left), left))

    def correct(self, told: Told, **fields: object) -> Told:
        """Report later what was wrong, the rest as it was."""
        data: Json = {**told.data, **fields}
        return self.diary.correct(told, self.later(told), data)

    def annul(self, told: Told) -> Told:
        """Report later that it never was."""
        return self.diary.annul(told, self.later(told))
