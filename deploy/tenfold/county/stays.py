"""People who live away from where they are registered: within the county, and in it from elsewhere."""

from datetime import date, timedelta

from deploy.tenfold.county import names
from deploy.tenfold.county.cloudevents import Json, identity, person, resident
from deploy.tenfold.county.diary import Told
from deploy.tenfold.county.moves import NEIGHBOURS
from deploy.tenfold.county.population import Numbers
from deploy.tenfold.county.pyramid import years_before
from deploy.tenfold.county.scene import Scene
from shared.identifiers.resident import Sex

_WITHIN, _GUESTS = 8.0, 6.0  # per thousand people and year


class Stays:
    """Tells it. The household registration stays as it is."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._numbers = Numbers(scene.rng, scene.county.identity_numbers)

    def tell(self) -> None:
        """Some stay, others leave; one address is corrected, one stay never was. Guests are registered elsewhere."""
        scene = self._scene
        for number, who in enumerate(scene.some(scene.usual(_WITHIN, least=4), scene.cast.single_home)):
            told = self._stays(resident(who), self._area(scene.county.home(who).area))
            match number:
                case 0:
                    current = {"area": self._area(scene.county.home(who).area), "address": "12号"}
                    scene.correct(told, current=current)
                case 1:
                    scene.annul(told)
                case _ if number % 2:
                    self._leaves(told)
        for number in range(scene.usual(_GUESTS)):
            told = self._stays(self._guest(), scene.rng.choice(scene.county.communities))
            if number % 3 == 1:
                self._leaves(told)

    def _area(self, but: str) -> str:
        communities = self._scene.county.communities
        return self._scene.rng.choice([area for area in communities if area != but] or [but])

    def _stays(self, who: Json, area: str) -> Told:
        day = self._scene.day(6)
        return self._scene.tell(
            "residence.registered",
            day,
            person=who,
            registration_number=self._scene.diary.number("R"),
            current={"area": area, "address": f"{self._scene.rng.randrange(1, 200)}号"},
            expected_until=(day + timedelta(days=365)).isoformat(),
        )

    def _leaves(self, told: Told) -> None:
        self._scene.tell(
            "residence.ended",
            self._scene.later(told),
            person=told.data["person"],
            registration_number=told.data["registration_number"],
        )

    def _guest(self) -> Json:
        """A grown-up whom no household register of the county knows."""
        rng, today = self._scene.rng, self._scene.today
        sex: Sex = rng.choice(("male", "female"))
        born: date = years_before(today, rng.randint(19, 50)) - timedelta(days=rng.randrange(365))
        number = self._numbers.give(rng.choice(NEIGHBOURS), born, sex)
        return person(names.surnames(rng, 1)[0] + names.given_name(rng, sex, born.year), sex, born, identity(number))
