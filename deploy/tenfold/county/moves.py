"""Moves of a month: both halves within the county, the first half out of it, the second half into it."""

import random
from datetime import date, timedelta

from deploy.tenfold.county import names
from deploy.tenfold.county.cast import Cast
from deploy.tenfold.county.cloudevents import Json, created, household, identity, person, resident
from deploy.tenfold.county.diary import Diary
from deploy.tenfold.county.population import Numbers
from deploy.tenfold.county.pyramid import years_before
from deploy.tenfold.county.values import COUNTY_AREA, County, Resident
from shared.identifiers.resident import Sex

NEIGHBOURS = ("370103", "370104", "370105", "370112")


class Moves:
    """Tells the moves of one month, all by people who live alone."""

    def __init__(self, rng: random.Random, county: County, cast: Cast, diary: Diary, days: int, today: date) -> None:
        self._rng, self._county, self._cast, self._diary = rng, county, cast, diary
        self._numbers = Numbers(rng, county.identity_numbers)
        self._days, self._today = days, today

    def tell(self, within: int, out: int, into: int) -> int:
        """So many moves of each kind, one of them still under way, and one corrected before it arrived. Returns how
        many people the register learns of."""
        for _ in range(within):
            self._within(arrives=True)
        self._within(arrives=False)
        for _ in range(out):
            mover = self._cast.find(self._cast.single_home)
            if mover:
                self._depart(mover, self._day(1), self._rng.choice(NEIGHBOURS))
        for _ in range(into):
            day, data, _ = self._newcomer()
            self._diary.tell("migration.arrived", day, data)
        self._correction_comes_first()
        return into + 1

    def _day(self, latest: int) -> date:
        return self._today - timedelta(days=self._rng.randint(latest, self._days))

    def _depart(self, mover: Resident, day: date, to_area: str) -> Json:
        move: Json = {
            "permit_number": self._diary.number("P"),
            "from_area": self._county.home(mover).area,
            "to_area": to_area,
        }
        self._diary.tell("migration.departed", day, created(day, person=resident(mover), **move))
        return move

    def _within(self, arrives: bool) -> None:
        mover = self._cast.find(self._cast.single_home)
        if mover is None:
            return
        here = self._county.home(mover).area
        there = self._rng.choice([area for area in self._county.communities if area != here] or [here])
        day = self._day(6)
        move = self._depart(mover, day, there)
        if arrives:
            arrived = day + timedelta(days=self._rng.randint(1, 5))
            home = household(self._diary.number("H"), there, "head")
            data = created(arrived, person=resident(mover), **move, household=home)
            self._diary.tell("migration.arrived", arrived, data)

    def _newcomer(self) -> tuple[date, Json, str]:
        """Someone the county has not met: day of arrival, data, and the area they came from."""
        day, origin = self._day(3), self._rng.choice(NEIGHBOURS)
        sex: Sex = self._rng.choice(("male", "female"))
        born = years_before(self._today, self._rng.randint(19, 50)) - timedelta(days=self._rng.randrange(365))
        name = names.surnames(self._rng, 1)[0] + names.given_name(self._rng, sex, born.year)
        data = created(
            day,
            person=person(name, sex, born, identity(self._numbers.give(origin, born, sex))),
            permit_number=self._diary.number("P"),
            from_area=origin,
            to_area=COUNTY_AREA,
            household=household(self._diary.number("H"), self._rng.choice(self._county.communities), "head"),
        )
        return day, data, origin

    def _correction_comes_first(self) -> None:
        """An arrival with the wrong origin; its correction overtakes it, waits, and is applied once both are there."""
        day, data, origin = self._newcomer()
        right = self._rng.choice([area for area in NEIGHBOURS if area != origin])
        self._diary.tell_late("migration.arrived", day, data, {**data, "from_area": right})
