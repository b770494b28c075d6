"""Births of a month: certified by health, most registered by public security later, some not, some with a request for
help. Help is open for a living, unregistered child older than 15 days whose mother asked and did not take it back."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from deploy.tenfold.county import names
from deploy.tenfold.county.cast import Cast
from deploy.tenfold.county.cloudevents import Json, certificate, created, household, identity, person, resident
from deploy.tenfold.county.diary import Diary, Told
from deploy.tenfold.county.population import Numbers
from deploy.tenfold.county.pyramid import SEX_RATIO_AT_BIRTH
from deploy.tenfold.county.values import COUNTY_AREA, County, Relation, Resident
from shared.identifiers.resident import Sex

HELP_AFTER_DAYS = 15
"""A child older than this without registration opens help, if its mother asked. No story lies within two days of it."""
_OLD, _YOUNG = HELP_AFTER_DAYS + 3, HELP_AFTER_DAYS - 3


@dataclass(frozen=True, slots=True)
class Birth:
    """What became of one certified birth by the end of the month."""

    certificate_number: str
    born_on: date
    area: str
    """Where the mother is registered at the end."""
    asked: bool = False
    registered: bool = False
    alive: bool = True
    annulled: bool = False

    def needs_help(self, today: date) -> bool:
        """Whether help with registration is due."""
        late = today - self.born_on > timedelta(days=HELP_AFTER_DAYS)
        return self.asked and late and self.alive and not (self.registered or self.annulled)


@dataclass(frozen=True, slots=True)
class _Newborn:
    parents: tuple[Resident, Resident]
    name: str
    sex: Sex
    birth: Birth
    told: Told


class Births:
    """Tells the births of one month; a story for which nobody is left is left out."""

    def __init__(self, rng: random.Random, county: County, cast: Cast, diary: Diary, days: int, today: date) -> None:
        self._rng, self._county, self._cast, self._diary = rng, county, cast, diary
        self._numbers = Numbers(rng, county.identity_numbers)
        self._first, self._today = today - timedelta(days=days), today

    def tell(self, usual: int) -> Iterator[Birth]:
        """All stories, those about help first; `usual` births are registered without any. Stories of children older
        than 15 days need a month that long."""
        if (self._today - self._first).days > _OLD:
            some = max(1, usual // 20)
            for _ in range(3 * some):
                yield from self._unregistered(_OLD, None, asked=True)
            yield from self._mother_moves()
            yield from self._certificate_annulled()
            yield from self._request_taken_back()
            yield from self._child_dies()
            for _ in range(2 * some):
                yield from self._unregistered(_OLD, None, asked=False)
        for _ in range(2):
            yield from self._unregistered(2, _YOUNG, asked=True)
        yield from self._registered(asked=True)
        yield from self._registered(before_certificate=True)
        yield from self._twins()
        for _ in range(usual):
            yield from self._registered()

    def _unregistered(self, youngest: int, oldest: int | None, asked: bool) -> Iterator[Birth]:
        newborn = self._born(self._day(youngest, oldest), asked)
        if newborn:
            yield newborn.birth

    def _registered(self, asked: bool = False, before_certificate: bool = False) -> Iterator[Birth]:
        newborn = self._born(self._day(5, None), asked, certified_after=4 if before_certificate else 1)
        if newborn:
            yield self._register(newborn, (2, 2) if before_certificate else (2, 20))

    def _twins(self) -> Iterator[Birth]:
        """One mother, one day, two certificates: two people, however alike."""
        first = self._born(self._day(5, None), asked=False)
        if first:
            second = self._certify(first.parents, first.birth.born_on, asked=False, certified_after=1)
            yield self._register(first)
            yield self._register(second)

    def _mother_moves(self) -> Iterator[Birth]:
        """She asked for help and then moved within the county: help follows her to another facility."""
        newborn = self._born(self._day(_OLD, None), asked=True)
        if newborn is None:
            return
        here = self._county.home(newborn.parents[0]).area
        elsewhere = [
            area
            for area in self._county.communities
            if self._county.facility_for(area) != self._county.facility_for(here)
        ]
        if not elsewhere:
            yield newborn.birth
            return
        there, permit = self._rng.choice(elsewhere), self._diary.number("P")
        move: Json = {"permit_number": permit, "from_area": here, "to_area": there}
        departed, arrived = self._today - timedelta(days=9), self._today - timedelta(days=6)
        self._diary.tell("migration.departed", departed, created(departed, person=resident(newborn.parents[0]), **move))
        home = household(self._diary.number("H"), there, "head")
        data = created(arrived, person=resident(newborn.parents[0]), **move, household=home)
        self._diary.tell("migration.arrived", arrived, data)
        yield replace(newborn.birth, area=there)

    def _certificate_annulled(self) -> Iterator[Birth]:
        """A certificate written by mistake, with a request for help: both are gone."""
        newborn = self._born(self._day(_OLD, None), asked=True)
        if newborn:
            self._diary.annul(newborn.told, self._today - timedelta(days=2))
            yield replace(newborn.birth, annulled=True)

    def _request_taken_back(self) -> Iterator[Birth]:
        """She no longer wants help: the corrected certificate says so."""
        newborn = self._born(self._day(_OLD, None), asked=True)
        if newborn:
            data = {**newborn.told.data, "help_requested": False}
            self._diary.correct(newborn.told, self._today - timedelta(days=3), data)
            yield replace(newborn.birth, asked=False)

    def _child_dies(self) -> Iterator[Birth]:
        """Nobody knocks at this door to ask for papers."""
        newborn = self._born(self._day(_OLD, None), asked=True)
        if newborn:
            died = newborn.birth.born_on + timedelta(days=4)
            child = person(
                newborn.name, newborn.sex, newborn.birth.born_on, certificate(newborn.birth.certificate_number)
            )
            data = created(died, person=child, place={"area": COUNTY_AREA}, certificate_number=self._diary.number("D"))
            self._diary.tell("death.certified", died, data)
            yield replace(newborn.birth, alive=False)

    def _day(self, youngest: int, oldest: int | None) -> date:
        """A birthday between `youngest` days ago and `oldest` (default: the first day of the month)."""
        longest = (self._today - self._first).days
        return self._today - timedelta(days=self._rng.randint(youngest, min(oldest or longest, longest)))

    def _born(self, born: date, asked: bool, certified_after: int = 1) -> _Newborn | None:
        parents = self._cast.parents()
        return None if parents is None else self._certify(parents, born, asked, certified_after)

    def _certify(self, parents: tuple[Resident, Resident], born: date, asked: bool, certified_after: int) -> _Newborn:
        """Certificate and request. One child in five has no name yet, one in eight certificates names no father."""
        mother, father = parents
        sex: Sex = "male" if self._rng.random() < SEX_RATIO_AT_BIRTH / (100 + SEX_RATIO_AT_BIRTH) else "female"
        name = names.surname_of(father.name) + names.given_name(self._rng, sex, born.year)
        area = self._county.home(mother).area
        facility = self._county.facility_for(COUNTY_AREA if self._rng.random() < 0.8 else area)
        number = self._diary.number("S")
        data = created(
            born,
            child={"name": name if self._rng.random() < 0.8 else None, "sex": sex, "birth_date": born.isoformat()},
            mother=resident(mother),
            father=resident(father) if self._rng.random() < 0.875 else None,
            place={"facility": facility or COUNTY_AREA, "area": COUNTY_AREA},
            certificate_number=number,
            help_requested=asked,
        )
        told = self._diary.tell("birth.certified", born + timedelta(days=certified_after), data)
        return _Newborn(parents, name, sex, Birth(number, born, area, asked=asked), told)

    def _register(self, newborn: _Newborn, within: tuple[int, int] = (2, 20)) -> Birth:
        """First registration, with the new number beside the certificate that links it to the birth."""
        born = newborn.birth.born_on
        yesterday = (self._today - born).days - 1
        day = born + timedelta(days=self._rng.randint(within[0], min(within[1], yesterday)))
        home = self._county.home(newborn.parents[0])
        relation: Relation = "child" if newborn.parents[0].relation in ("head", "spouse") else "grandchild"
        number = self._numbers.give(COUNTY_AREA, born, newborn.sex)
        papers = (identity(number), certificate(newborn.birth.certificate_number))
        data = created(
            day,
            person=person(newborn.name, newborn.sex, born, *papers),
            household=household(home.number, home.area, relation),
        )
        self._diary.tell("household.registered", day, data)
        return replace(newborn.birth, registered=True)
