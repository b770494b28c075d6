"""Dwellings that are registered, tenancies that begin in them, and tenancies that end."""

from datetime import timedelta

from deploy.tenfold.county.cloudevents import Json, resident
from deploy.tenfold.county.scene import Scene
from deploy.tenfold.county.values import Home

_NEW, _LET = 5.0, 8.0  # per thousand people and year
_OCCUPANTS = 4


class Dwellings:
    """Tells it: whole families, so that nobody lives in two dwellings. A tenancy follows its dwelling."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def tell(self) -> None:
        """Dwellings with a family and without anybody; tenancies, one of them filed by mistake; some that end."""
        scene = self._scene
        for home in scene.cast.families(scene.usual(_NEW)):
            scene.tell(
                "dwelling.registered", scene.day(1), dwelling=self._dwelling(home.area), occupants=self._occupants(home)
            )
        for _ in range(scene.usual(_NEW / 2)):
            empty = self._dwelling(scene.rng.choice(scene.county.communities))
            scene.tell("dwelling.registered", scene.day(1), dwelling=empty)
        for number, home in enumerate(scene.cast.families(scene.usual(_LET, least=4))):
            self._let(home, number)

    def _let(self, home: Home, number: int) -> None:
        """A dwelling, then its tenancy. The first is corrected, the second annulled, every third one ends."""
        scene, dwelling, occupants = self._scene, self._dwelling(home.area), self._occupants(home)
        owned = scene.tell("dwelling.registered", scene.day(7), dwelling=dwelling)
        if number == 0:
            dwelling = dwelling | {"area": f"{home.area[:9]}000"}
            owned = scene.correct(owned, dwelling=dwelling)
        day = owned.recorded.date() + timedelta(days=1)
        if day >= scene.today - timedelta(days=1):
            return
        tenancy: Json = {
            "contract_number": scene.diary.number("T"),
            "dwelling": dwelling,
            "occupants": occupants,
        }
        let = scene.tell("tenancy.registered", day, **tenancy)
        if number == 1:
            scene.annul(let)
        elif number % 3 == 2:
            scene.tell("tenancy.ended", scene.later(let), **tenancy)

    def _dwelling(self, area: str) -> Json:
        return {"number": self._scene.diary.number("F"), "area": area}

    def _occupants(self, home: Home) -> list[Json]:
        return [resident(self._scene.county.people[member]) for member in home.members[:_OCCUPANTS]]
