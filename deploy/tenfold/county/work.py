"""Who begins and ends to be insured, and who trades on their own account."""

from deploy.tenfold.county.cloudevents import Json, resident
from deploy.tenfold.county.scene import Scene
from deploy.tenfold.county.values import Resident

# Per thousand people and year, about as a county's yearbook has them.
_INSURED, _TRADERS = 30.0, 12.0
FOR_EMPLOYEES = ("basic-pension-employees", "basic-medical-employees", "work-injury", "unemployment")
FOR_RESIDENTS = "basic-medical-residents"


class Work:
    """Tells it. Schemes are those of deploy/provisioning/schemes.yaml."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def tell(self) -> None:
        """Insurance first, then businesses."""
        self._insurance()
        self._businesses()

    def _insurance(self) -> None:
        """Workers, each in the schemes of employees; others in that of residents. Some end, one was a mistake."""
        scene = self._scene
        for who in scene.some(scene.usual(_INSURED / 2), self._worker):
            day = scene.day(2)
            for scheme in FOR_EMPLOYEES[: scene.rng.randint(2, len(FOR_EMPLOYEES))]:
                scene.tell("insurance.enrolled", day, person=resident(who), scheme=scheme)
        for who in scene.some(scene.usual(_INSURED / 4), lambda who: not self._worker(who)):
            scene.tell("insurance.enrolled", scene.day(2), person=resident(who), scheme=FOR_RESIDENTS)
        for who in scene.some(scene.usual(_INSURED / 8), self._worker):
            told = scene.tell("insurance.enrolled", scene.day(6), person=resident(who), scheme="unemployment")
            scene.tell("insurance.ended", scene.later(told), person=resident(who), scheme="unemployment")
        for who in scene.some(1, self._worker):
            told = scene.tell("insurance.enrolled", scene.day(6), person=resident(who), scheme="unemployment")
            scene.correct(told, scheme="work-injury")
        for who in scene.some(1, self._worker):
            scene.annul(scene.tell("insurance.enrolled", scene.day(6), person=resident(who), scheme="work-injury"))

    def _businesses(self) -> None:
        """Businesses of adults; some close again, one was registered in the wrong area, one closure was a mistake."""
        scene = self._scene
        for who in scene.some(scene.usual(_TRADERS), self._adult):
            scene.tell("business.registered", scene.day(2), person=resident(who), business=self._business(who))
        for number, who in enumerate(scene.some(scene.usual(_TRADERS / 4, least=3), self._adult)):
            business = self._business(who)
            told = scene.tell("business.registered", scene.day(9), person=resident(who), business=business)
            if number == 0:
                told = scene.correct(told, business=business | {"area": self._elsewhere(who)})
                continue
            closed = scene.tell("business.closed", scene.later(told, 2), person=resident(who), business=business)
            if number == 1:
                scene.annul(closed)

    def _business(self, who: Resident) -> Json:
        return {"number": self._scene.diary.number("B"), "area": self._scene.county.home(who).area}

    def _elsewhere(self, who: Resident) -> str:
        here = self._scene.county.home(who).area
        return self._scene.rng.choice([area for area in self._scene.county.communities if area != here] or [here])

    def _worker(self, who: Resident) -> bool:
        return 18 <= self._scene.cast.age(who) < 60

    def _adult(self, who: Resident) -> bool:
        return 18 <= self._scene.cast.age(who) < 70
