"""Reports that cannot all be true, a story for each kind of contradiction. Each says what must be listed for it: of
whom, and who says what."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from deploy.tenfold.county import names
from deploy.tenfold.county.births import Birth
from deploy.tenfold.county.cloudevents import Json, TypeName, household, resident
from deploy.tenfold.county.mistake import Mistake, mistake
from deploy.tenfold.county.papers import Papers
from deploy.tenfold.county.scene import Scene
from deploy.tenfold.county.values import Resident
from deploy.tenfold.county.work import FOR_RESIDENTS

_EACH = 0.2  # of every kind, per thousand people and year
ELSEWHERE = "370103"
Stories = tuple[Callable[[Resident], "Mistake | None"], ...]


class Mistakes:
    """Tells them; a story for which nobody is left is left out."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._papers = Papers(scene)
        self._died = 0

    @property
    def died(self) -> int:
        """How many people died in these stories."""
        return self._died + self._papers.died

    @property
    def newcomers(self) -> int:
        """How many people the register learns of by them, newborns apart."""
        return self._papers.newcomers

    @property
    def births(self) -> tuple[Birth, ...]:
        """The births that were certified in them."""
        return tuple(self._papers.births)

    def tell(self) -> Iterator[Mistake]:
        """Each kind as often as a county of this size has it, once at least."""
        anybody: Stories = (
            self._another_name,
            self._another_birth_date,
            self._the_other_sex,
            self._insured_after_death,
            self._corrected_twice,
        )
        alone: Stories = (self._in_two_households, self._left_from_elsewhere)
        single: Stories = (self._married_twice, self._divorced_from_another)
        for stories, fits in ((alone, self._lives_alone), (single, self._single), (anybody, self._grown_up)):
            for story in stories:
                for who in self._scene.some(self._scene.usual(_EACH, least=1), fits):
                    if told := story(who):
                        yield told
        yield from self._papers.tell(self._scene.usual(_EACH, least=1))

    def _another_name(self, who: Resident) -> Mistake:
        given = names.given_name(self._scene.rng, who.sex, who.birth_date.year)
        wrong = names.surname_of(who.name) + given + ("" if given not in who.name else "安")
        return self._insured("names-differ", who, "name", who.name, wrong)

    def _another_birth_date(self, who: Resident) -> Mistake:
        wrong = who.birth_date - timedelta(days=1)
        return self._insured("birth-dates-differ", who, "birth_date", who.birth_date.isoformat(), wrong.isoformat())

    def _the_other_sex(self, who: Resident) -> Mistake:
        return self._insured("sexes-differ", who, "sex", who.sex, "female" if who.sex == "male" else "male")

    def _insured(self, kind: str, who: Resident, field: str, right: str, wrong: str) -> Mistake:
        """Social insurance has written somebody down wrongly."""
        said = self._scene.tell(
            "insurance.enrolled", self._scene.day(2), person={**resident(who), field: wrong}, scheme=FOR_RESIDENTS
        )
        return mistake(kind, [said], [("public-security", right), ("human-resources", wrong)])

    def _insured_after_death(self, who: Resident) -> Mistake:
        day = self._scene.day(6)
        area, paper = self._scene.county.home(who).area, self._scene.diary.number("D")
        died = self._scene.tell(
            "death.certified", day, person=resident(who), place={"area": area}, certificate_number=paper
        )
        later = day + timedelta(days=2)
        insured = self._scene.tell("insurance.enrolled", later, person=resident(who), scheme=FOR_RESIDENTS)
        self._died += 1
        said = [("health", day.isoformat()), ("human-resources", later.isoformat())]
        return mistake("event-after-death", [died, insured], said)

    def _in_two_households(self, who: Resident) -> Mistake:
        """Two entries of one day."""
        day, area = self._scene.day(2), self._scene.county.home(who).area
        numbers = [self._scene.diary.number("H") for _ in range(2)]
        told = [
            self._scene.tell("household.registered", day, person=resident(who), household=household(each, area, "head"))
            for each in numbers
        ]
        return mistake("two-households", told, [("public-security", each) for each in numbers])

    def _left_from_elsewhere(self, who: Resident) -> Mistake | None:
        """The departure names a community in which the person was not registered."""
        here = self._scene.county.home(who).area
        others = [area for area in self._scene.county.communities if area != here]
        if not others:
            return None
        wrong = self._scene.rng.choice(others)
        move: Json = {
            "permit_number": self._scene.diary.number("P"),
            "from_area": wrong,
            "to_area": ELSEWHERE,
        }
        left = self._scene.tell("migration.departed", self._scene.day(2), person=resident(who), **move)
        said = [("public-security", here), ("public-security", wrong)]
        return mistake("departed-without-being-registered", [left], said)

    def _married_twice(self, who: Resident) -> Mistake | None:
        return self._two_spouses(who, "married-while-married", "marriage.registered")

    def _divorced_from_another(self, who: Resident) -> Mistake | None:
        return self._two_spouses(who, "dissolved-without-marriage", "marriage.dissolved")

    def _two_spouses(self, who: Resident, kind: str, second: TypeName) -> Mistake | None:
        """Somebody marries one, and then marries, or divorces, another."""
        one, other = (self._scene.cast.find(lambda each: self._single(each) and each.sex != who.sex) for _ in range(2))
        if one is None or other is None:
            return None
        day = self._scene.day(6)
        later = day + timedelta(days=2)
        told = [
            self._scene.tell(
                "marriage.registered", day, spouses=_couple(who, one), certificate_number=self._scene.diary.number("J")
            ),
            self._scene.tell(
                second, later, spouses=_couple(who, other), certificate_number=self._scene.diary.number("J")
            ),
        ]
        said = [("civil-affairs", day.isoformat()), ("civil-affairs", later.isoformat())]
        return mistake(kind, told, said, role="spouse_1")

    def _corrected_twice(self, who: Resident) -> Mistake:
        """Two corrections replace the same report."""
        told = self._scene.tell("insurance.enrolled", self._scene.day(6), person=resident(who), scheme=FOR_RESIDENTS)
        both = [self._scene.correct(told, scheme=scheme) for scheme in ("work-injury", "unemployment")]
        return mistake("rival-corrections", [both[0], told, both[1]], [("human-resources", "corrected")])

    def _grown_up(self, who: Resident) -> bool:
        return 22 <= self._scene.cast.age(who) <= 80

    def _single(self, who: Resident) -> bool:
        return self._grown_up(who) and who.spouse is None

    def _lives_alone(self, who: Resident) -> bool:
        """Moving takes nobody along."""
        return self._scene.cast.single_home(who)


def _couple(one: Resident, other: Resident) -> list[Json]:
    return [resident(one), resident(other)]
