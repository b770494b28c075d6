"""Whom the stories of a month are about. Everyone plays in one story at most, and nobody of a reserved household."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from deploy.tenfold.county.pyramid import age_on
from deploy.tenfold.county.values import County, Home, Resident

_SPACING = timedelta(days=330)


class Cast:
    """Finds people for stories, in an order drawn once; returns None when nobody is left who fits."""

    def __init__(self, rng: random.Random, county: County, today: date) -> None:
        self._county = county
        self._today = today
        order = [who for who in county.people if not county.home(who).reserved]
        rng.shuffle(order)
        self._mothers = iter([who for who in order if self.may_give_birth(who)])
        self._order = order
        self._homes = iter([home for home in county.households if home.kind == "family" and not home.reserved])
        self._taken: set[int] = set()

    def age(self, who: Resident) -> int:
        """Completed years today."""
        return age_on(who.birth_date, self._today)

    def may_give_birth(self, who: Resident) -> bool:
        """A married woman of 20 to 42 in a family, whose youngest child is not too young."""
        children = self._county.children_of.get(who.index, ())
        return (
            who.sex == "female"
            and who.spouse is not None
            and 20 < self.age(who) <= 42
            and self._county.home(who).kind == "family"
            and all(self._today - self._county.people[child].birth_date > 2 * _SPACING for child in children)
        )

    def parents(self) -> tuple[Resident, Resident] | None:
        """The next couple whose wife may give birth: mother and father."""
        return self._couple(self._mothers)

    def couple(self, fits: Callable[[Resident], bool]) -> tuple[Resident, Resident] | None:
        """A wife who fits, and her husband."""
        return self._couple(who for who in self._order if who.sex == "female" and fits(who))

    def find(self, fits: Callable[[Resident], bool]) -> Resident | None:
        """The next person who fits and plays nowhere else yet."""
        for who in self._order:
            if who.index not in self._taken and fits(who):
                self._taken.add(who.index)
                return who
        return None

    def single_home(self, who: Resident) -> bool:
        """Someone of working age who lives alone: moving takes nobody along."""
        return 18 <= self.age(who) <= 60 and len(self._county.home(who).members) == 1

    def families(self, count: int) -> Iterator[Home]:
        """Up to so many families of which nobody plays anywhere yet; nobody of them will."""
        for home in self._homes:
            if count <= 0:
                return
            if not self._taken.intersection(home.members):
                self._taken.update(home.members)
                count -= 1
                yield home

    def _couple(self, wives: Iterator[Resident]) -> tuple[Resident, Resident] | None:
        for wife in wives:
            if wife.spouse is not None and not {wife.index, wife.spouse} & self._taken:
                self._taken |= {wife.index, wife.spouse}
                return wife, self._county.people[wife.spouse]
        return None
