"""Entitlements that are granted and ended, and what is paid under them."""

from datetime import date, timedelta

from deploy.tenfold.county.cloudevents import Json, resident, source
from deploy.tenfold.county.diary import Told
from deploy.tenfold.county.pyramid import years_after
from deploy.tenfold.county.scene import Scene
from deploy.tenfold.county.values import Resident

_GRANTED = 8.0  # per thousand people and year
CHILDCARE, ELDER_CARE = "childcare-subsidy", "elder-care-subsidy"
CHILDCARE_UNTIL = 3
"""The child-care subsidy is paid up to the third birthday (schemes.yaml), whichever child of the family it is."""
_A_YEAR, _A_MONTH = "3600.00", "120.00"


class Subsidies:
    """Tells it. A payment follows its entitlement and names it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def tell(self) -> None:
        """Children, then older people. One grant ends too late and is corrected, one is annulled; one payment was a sum
        too small, one never arrived; some entitlements end."""
        scene = self._scene
        for number, child in enumerate(scene.some(scene.usual(_GRANTED / 2), self._small_child)):
            granted = self._granted(child, CHILDCARE, self._until(child))
            self._paid(granted, child, _A_YEAR if number else "360.00", correct=_A_YEAR if number == 0 else None)
        for child in scene.some(1, self._small_child):
            late = self._granted(child, CHILDCARE, self._until(child) + timedelta(days=30))
            scene.correct(late, until=self._until(child).isoformat())
        for number, elder in enumerate(scene.some(scene.usual(_GRANTED / 2, least=4), self._frail)):
            granted = self._granted(elder, ELDER_CARE, None)
            match number:
                case 0:
                    scene.annul(granted)
                case 1:
                    scene.annul(self._paid(granted, elder, _A_MONTH))
                case _ if number % 2:
                    self._paid(granted, elder, _A_MONTH)
                case _:
                    scene.tell("entitlement.ended", scene.later(granted), person=resident(elder), scheme=ELDER_CARE)

    def _small_child(self, who: Resident) -> bool:
        """Who is not three yet, also not when the month ends."""
        return self._until(who) >= self._scene.today

    def _frail(self, who: Resident) -> bool:
        return self._scene.cast.age(who) >= 78

    def _until(self, child: Resident) -> date:
        """The eve of the third birthday."""
        return years_after(child.birth_date, CHILDCARE_UNTIL) - timedelta(days=1)

    def _granted(self, who: Resident, scheme: str, until: date | None) -> Told:
        ends: Json = {"until": until.isoformat()} if until else {}
        return self._scene.tell("entitlement.granted", self._scene.day(7), person=resident(who), scheme=scheme, **ends)

    def _paid(self, granted: Told, who: Resident, amount: str, correct: str | None = None) -> Told:
        """Paid a few days after the grant, for the time from then on."""
        first = granted.recorded.date()
        paid = self._scene.tell(
            "payment.made",
            first + timedelta(days=2),
            person=resident(who),
            entitlement={"source": source(granted.department), "id": granted.event_id},
            period={"from": first.isoformat(), "until": (first + timedelta(days=30)).isoformat()},
            amount=amount,
        )
        return self._scene.correct(paid, amount=correct) if correct else paid
