"""Whom examples are about: people of reserved households, whom no month touches."""

import random
from collections.abc import Callable, Sequence
from datetime import date
from typing import cast

from deploy.tenfold.county.pyramid import age_on
from deploy.tenfold.county.values import COUNTY_AREA, County, Resident


class Stage:
    """The people of the reserved households, in an order of the example's own."""

    def __init__(self, rng: random.Random, county: County, day: date) -> None:
        self.rng, self.county, self.day = rng, county, day
        homes = [home for home in county.households if home.reserved] or list(county.households)
        self._people = [county.people[member] for home in homes for member in home.members]
        rng.shuffle(self._people)

    def find(self, fits: Callable[[Resident], bool]) -> Resident:
        """The first who fits, among the reserved if possible."""
        for group in (self._people, cast(Sequence[Resident], self.county.people)):
            for who in group:
                if fits(who):
                    return who
        raise ValueError("nobody in this county fits: generate a larger one")

    def reserved(self, fits: Callable[[Resident], bool]) -> Resident | None:
        """The first of the reserved who fits."""
        return next((who for who in self._people if fits(who)), None)

    def age(self, who: Resident) -> int:
        """Completed years on the day of the example."""
        return age_on(who.birth_date, self.day)

    def paper(self, letter: str) -> str:
        """A certificate, permit or record number of this example."""
        return f"{letter}-{COUNTY_AREA}-X{self.rng.randrange(16**10):010X}"

    def wife(self, oldest: int) -> tuple[Resident, Resident]:
        """A married woman up to that age, and her husband."""
        wife = self.find(lambda who: who.sex == "female" and who.spouse is not None and 20 < self.age(who) <= oldest)
        return wife, self.county.people[cast(int, wife.spouse)]

    def elsewhere(self, area: str) -> str:
        """Another community of the county."""
        return self.rng.choice([each for each in self.county.communities if each != area] or [area])
