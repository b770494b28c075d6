"""Children who begin at the school of their area, change it, or leave it."""

from deploy.tenfold.county.cloudevents import Json, resident
from deploy.tenfold.county.diary import Told
from deploy.tenfold.county.scene import Scene
from deploy.tenfold.county.values import Resident

_YEARLY = 22.0  # new pupils per thousand people and year, at all stages
YOUNGEST, OLDEST = 6, 17


class Schooling:
    """Tells it: each street or town has a school of its own."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def tell(self) -> None:
        """Beginners; one under a wrong school number, one who never came, and some who change or leave."""
        scene = self._scene
        for child in scene.some(scene.usual(_YEARLY), self._of_school_age):
            scene.tell("enrolment.registered", scene.day(1), child=resident(child), school=self._school(child))
        for child in scene.some(1, self._of_school_age):
            told = self._enrolled(child, self._school(child) | {"number": "SX0"})
            scene.correct(told, school=self._school(child))
        for child in scene.some(1, self._of_school_age):
            scene.annul(self._enrolled(child, self._school(child)))
        for child in scene.some(scene.usual(_YEARLY / 6), self._of_school_age):
            self._leaves(child)

    def _of_school_age(self, who: Resident) -> bool:
        return YOUNGEST <= self._scene.cast.age(who) <= OLDEST

    def _school(self, child: Resident) -> Json:
        """The school of the street or town."""
        town = self._scene.county.home(child).area[:9]
        return {"number": f"S{town}", "area": f"{town}000"}

    def _enrolled(self, child: Resident, school: Json) -> Told:
        return self._scene.tell("enrolment.registered", self._scene.day(5), child=resident(child), school=school)

    def _leaves(self, child: Resident) -> None:
        """A school reports a pupil whom it had not told of yet, and then that the child has left."""
        told = self._enrolled(child, self._school(child))
        self._scene.tell("enrolment.ended", self._scene.later(told), child=resident(child), school=self._school(child))
