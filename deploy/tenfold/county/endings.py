"""Divorces, entries that are struck out of the household register, and identities that are changed by law."""

from datetime import timedelta

from deploy.tenfold.county import names
from deploy.tenfold.county.cloudevents import Json, identity, resident
from deploy.tenfold.county.population import Numbers
from deploy.tenfold.county.scene import Scene
from deploy.tenfold.county.values import COUNTY_AREA, Resident

_DIVORCES, _CANCELLED, _RENAMED = 2.0, 2.0, 1.5  # per thousand people and year


class Endings:
    """Tells them. None says why."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._numbers = Numbers(scene.rng, scene.county.identity_numbers)

    def tell(self) -> None:
        """One divorce took effect a day earlier than first told; one entry was struck out by mistake."""
        self._divorces()
        scene = self._scene
        for number, who in enumerate(scene.some(scene.usual(_CANCELLED), self._lives_alone)):
            home = scene.county.home(who).number
            told = scene.tell("household.cancelled", scene.day(4), person=resident(who), household_number=home)
            if number == 0:
                scene.annul(told)
        for number, who in enumerate(scene.some(scene.usual(_RENAMED, least=3), self._grown_up)):
            self._changed(who, with_number=number == 0, corrected=number == 1)

    def _divorces(self) -> None:
        scene = self._scene
        for number in range(scene.usual(_DIVORCES)):
            couple = scene.cast.couple(lambda who: who.spouse is not None and scene.cast.age(who) < 60)
            if couple is None:
                return
            day, paper = scene.day(4), scene.diary.number("L")
            spouses = [resident(each) for each in couple]
            told = scene.tell("marriage.dissolved", day, spouses=spouses, certificate_number=paper)
            if number == 0:
                scene.correct(told, effective_on=(day - timedelta(days=1)).isoformat())

    def _changed(self, who: Resident, *, with_number: bool, corrected: bool) -> None:
        """A new name, or a birth date that was written down wrongly, and then a new number as well."""
        scene = self._scene
        name = names.surname_of(who.name) + names.given_name(scene.rng, who.sex, who.birth_date.year)
        becomes: Json = {"name": name, "sex": who.sex, "birth_date": who.birth_date.isoformat()}
        if with_number:
            born = who.birth_date - timedelta(days=31)
            number = self._numbers.give(COUNTY_AREA, born, who.sex)
            becomes = {**becomes, "name": who.name, "birth_date": born.isoformat(), "identifiers": [identity(number)]}
        told = scene.tell(
            "identity.changed",
            scene.day(4),
            person=resident(who),
            becomes=becomes,
            decision_number=scene.diary.number("I"),
        )
        if corrected:
            right = names.surname_of(who.name) + names.given_name(scene.rng, who.sex, who.birth_date.year)
            scene.correct(told, becomes=becomes | {"name": right})

    def _grown_up(self, who: Resident) -> bool:
        return 18 <= self._scene.cast.age(who) <= 70

    def _lives_alone(self, who: Resident) -> bool:
        return self._grown_up(who) and self._scene.cast.single_home(who)
