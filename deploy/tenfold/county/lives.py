"""Deaths, marriages, an adoption and a doubtful identity."""

import math
import random
from datetime import date, timedelta

from deploy.tenfold.county import names
from deploy.tenfold.county.cast import Cast
from deploy.tenfold.county.cloudevents import Json, created, household, identity, person, resident
from deploy.tenfold.county.diary import Diary
from deploy.tenfold.county.values import County, Department, Resident


class Lives:
    """Tells them; a story for which nobody is left is left out."""

    def __init__(self, rng: random.Random, county: County, cast: Cast, diary: Diary, days: int, today: date) -> None:
        self._rng, self._county, self._cast, self._diary = rng, county, cast, diary
        self._days, self._today = days, today

    def deaths(self, usual: int) -> int:
        """`usual` deaths, two more that two departments report (once with another date: a contradiction, listed and
        never held), and one certified by mistake. Returns how many people died."""
        died = 0
        for number in range(usual):
            reporter: Department = (
                "health" if number % 5 < 3 else "public-security" if number % 5 == 3 else "civil-affairs"
            )
            died += self._death((reporter,), 0)
        died += self._death(("health", "public-security"), 0)
        died += self._death(("health", "civil-affairs"), 1)
        self._death_by_mistake()
        return died

    def marriages(self, usual: int) -> int:
        """`usual` marriages, the first of which is corrected: it took effect a day earlier. Returns how many."""
        married = 0
        for _ in range(usual):
            couple = self._couple()
            if couple is None:
                break
            day = self._day(4)
            data = created(
                day,
                spouses=[resident(spouse) for spouse in couple],
                certificate_number=self._diary.number("J"),
            )
            told = self._diary.tell("marriage.registered", day, data)
            if married == 0:
                earlier = (day - timedelta(days=1)).isoformat()
                self._diary.correct(told, day + timedelta(days=2), {**data, "effective_on": earlier})
            married += 1
        return married

    def adoption(self) -> None:
        """A child of school age and a couple without children."""
        child = self._cast.find(lambda who: 4 <= self._cast.age(who) <= 9)
        couple = self._cast.couple(
            lambda who: 32 <= self._cast.age(who) <= 48 and who.index not in self._county.children_of
        )
        if child and couple:
            day = self._day(1)
            data = created(
                day,
                child=resident(child),
                adopters=[resident(adopter) for adopter in couple],
                certificate_number=self._diary.number("Y"),
            )
            self._diary.tell("adoption.registered", day, data)

    def doubtful_identity(self) -> tuple[str, ...]:
        """Someone is registered under a number that another person already carries, with another name and another
        birth date: a clerk must look at it. Returns the ids of the reports that are held for that."""
        holder = self._cast.find(lambda who: 25 <= self._cast.age(who) <= 60)
        if holder is None:
            return ()
        day, born = self._day(2), holder.birth_date - timedelta(days=1234)
        surname = "李" if names.surname_of(holder.name) == "王" else "王"
        name = surname + names.given_name(self._rng, holder.sex, born.year)
        home = household(self._diary.number("H"), self._rng.choice(self._county.communities), "head")
        data = created(day, person=person(name, holder.sex, born, identity(holder.identity_number)), household=home)
        return (self._diary.tell("household.registered", day, data).event_id,)

    def _day(self, latest: int) -> date:
        return self._today - timedelta(days=self._rng.randint(latest, self._days))

    def _mortal(self, who: Resident) -> bool:
        """Mortality doubles about every eight years of age (Gompertz); only the proportions matter here."""
        return self._rng.random() < 0.00002 * math.exp(0.088 * self._cast.age(who))

    def _death_data(self, who: Resident, day: date) -> Json:
        area = self._county.home(who).area
        return created(day, person=resident(who), place={"area": area}, certificate_number=self._diary.number("D"))

    def _death(self, reporters: tuple[Department, ...], apart: int) -> int:
        """One death, as each department tells it; the last one dates it `apart` days earlier."""
        who = self._cast.find(self._mortal)
        if who is None:
            return 0
        day = self._day(4)
        data = self._death_data(who, day)
        for later, reporter in enumerate(reporters):
            dated = (day - timedelta(days=apart * later)).isoformat()
            self._diary.tell(
                "death.certified", day + timedelta(days=1 + later), {**data, "effective_on": dated}, reporter
            )
        return 1

    def _death_by_mistake(self) -> None:
        who = self._cast.find(lambda who: self._cast.age(who) > 70)
        if who:
            day = self._day(4)
            told = self._diary.tell("death.certified", day, self._death_data(who, day))
            self._diary.annul(told, day + timedelta(days=2))

    def _couple(self) -> tuple[Resident, Resident] | None:
        """A single woman, and a single man of her age from another household."""
        wife = self._cast.find(
            lambda who: who.sex == "female" and who.spouse is None and 21 <= self._cast.age(who) <= 34
        )
        if wife is None:
            return None
        husband = self._cast.find(
            lambda who: (
                who.sex == "male"
                and who.spouse is None
                and self._cast.age(who) >= 22
                and -2 <= self._cast.age(who) - self._cast.age(wife) <= 6
                and who.household != wife.household
            )
        )
        return None if husband is None else (wife, husband)
