"""Mistakes in papers: numbers that do not fit the person, and certificates of birth that do not fit the parents."""

from collections.abc import Iterator
from datetime import date, timedelta

from deploy.tenfold.county import names
from deploy.tenfold.county.births import Birth
from deploy.tenfold.county.cloudevents import certificate, created, household, identity, person, resident
from deploy.tenfold.county.diary import Told
from deploy.tenfold.county.mistake import Mistake, mistake
from deploy.tenfold.county.moves import NEIGHBOURS
from deploy.tenfold.county.population import Numbers
from deploy.tenfold.county.pyramid import years_before
from deploy.tenfold.county.scene import Scene
from deploy.tenfold.county.values import COUNTY_AREA, Resident
from deploy.tenfold.county.work import FOR_RESIDENTS
from shared.identifiers.resident import Sex

OLDEST_FATHER = 8  # years of the boy who stands in the father's line


class Papers:
    """Tells them; a story for which nobody is left is left out. Keeps what else must follow from them."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._numbers = Numbers(scene.rng, scene.county.identity_numbers)
        self.births: list[Birth] = []
        self.died = self.newcomers = 0

    def tell(self, each: int) -> Iterator[Mistake]:
        """Every kind so many times."""
        for _ in range(each):
            yield self._number_of_another_day()
            yield self._number_of_the_other_sex()
            for story in (self._two_numbers, self._born_after_the_mothers_death, self._a_boy_for_a_father):
                if told := story():
                    yield told

    def _number_of_another_day(self) -> Mistake:
        """A newcomer, entered with the eve of the birthday."""
        sex, born = self._sex(), self._birthday()
        number, wrong = self._numbers.give(self._origin(), born, sex), born - timedelta(days=1)
        arrived = self._arrives(number, sex, wrong)
        said = [("public-security", number), ("public-security", wrong.isoformat())]
        return mistake("number-against-birth-date", [arrived], said)

    def _number_of_the_other_sex(self) -> Mistake:
        """A newcomer, entered as a man who is a woman by her number, or the other way round."""
        sex, born = self._sex(), self._birthday()
        number = self._numbers.give(self._origin(), born, sex)
        wrong: Sex = "female" if sex == "male" else "male"
        arrived = self._arrives(number, wrong, born)
        return mistake("number-against-sex", [arrived], [("public-security", number), ("public-security", wrong)])

    def _two_numbers(self) -> Mistake | None:
        """Social insurance knows somebody by two numbers. Whose that report is, a clerk decides."""
        who = self._scene.cast.find(lambda each: 22 <= self._scene.cast.age(each) <= 80)
        if who is None:
            return None
        second = self._numbers.give(self._origin(), who.birth_date, who.sex)
        insured = person(who.name, who.sex, who.birth_date, identity(who.identity_number), identity(second))
        told = self._scene.tell("insurance.enrolled", self._scene.day(2), person=insured, scheme=FOR_RESIDENTS)
        said = [("public-security", who.identity_number), ("human-resources", second)]
        return mistake("two-living-numbers", [told], said, decided=True)

    def _born_after_the_mothers_death(self) -> Mistake | None:
        """One of the two certificates bears a wrong day."""
        parents = self._scene.cast.parents()
        if parents is None:
            return None
        day = self._scene.day(6)
        area, paper = self._scene.county.home(parents[0]).area, self._scene.diary.number("D")
        died = self._scene.tell(
            "death.certified", day, person=resident(parents[0]), place={"area": area}, certificate_number=paper
        )
        self.died += 1
        born = day + timedelta(days=2)
        told = self._newborn(*parents, born)
        said = [("health", day.isoformat()), ("health", born.isoformat())]
        return mistake("born-after-mothers-death", [*told, died], said, role="child")

    def _a_boy_for_a_father(self) -> Mistake | None:
        """A boy of the county stands in the father's line."""
        boy = self._scene.cast.find(lambda who: who.sex == "male" and self._scene.cast.age(who) <= OLDEST_FATHER)
        parents = self._scene.cast.parents()
        if boy is None or parents is None:
            return None
        born = self._scene.day(4)
        told = self._newborn(parents[0], boy, born)
        said = [("public-security", boy.birth_date.isoformat()), ("health", born.isoformat())]
        return mistake("parent-under-ten", told, said, role="child")

    def _newborn(self, mother: Resident, father: Resident, born: date) -> list[Told]:
        """The certificate of a child, and its entry in the household of the mother; nobody asked for help with it."""
        number, home, sex = self._scene.diary.number("S"), self._scene.county.home(mother), self._sex()
        name = names.surname_of(father.name) + names.given_name(self._scene.rng, sex, born.year)
        data = created(
            born,
            child={"name": name, "sex": sex, "birth_date": born.isoformat()},
            mother=resident(mother),
            father=resident(father),
            place={"facility": self._scene.county.facility_for(home.area) or COUNTY_AREA, "area": COUNTY_AREA},
            certificate_number=number,
            help_requested=False,
        )
        certified = self._scene.diary.tell("birth.certified", born + timedelta(days=1), data)
        papers = identity(self._numbers.give(COUNTY_AREA, born, sex)), certificate(number)
        entered = self._scene.tell(
            "household.registered",
            born + timedelta(days=2),
            person=person(name, sex, born, *papers),
            household=household(
                home.number, home.area, "child" if mother.relation in ("head", "spouse") else "grandchild"
            ),
        )
        self.births.append(Birth(number, born, home.area, registered=True))
        return [certified, entered]

    def _arrives(self, number: str, sex: Sex, born: date) -> Told:
        """Somebody whom the county has not met."""
        self.newcomers += 1
        scene = self._scene
        name = names.surnames(scene.rng, 1)[0] + names.given_name(scene.rng, sex, born.year)
        return scene.tell(
            "migration.arrived",
            scene.day(3),
            person=person(name, sex, born, identity(number)),
            permit_number=scene.diary.number("P"),
            from_area=self._origin(),
            to_area=COUNTY_AREA,
            household=household(scene.diary.number("H"), scene.rng.choice(scene.county.communities), "head"),
        )

    def _birthday(self) -> date:
        return years_before(self._scene.today, self._scene.rng.randint(19, 50)) - timedelta(
            days=self._scene.rng.randrange(365)
        )

    def _origin(self) -> str:
        return self._scene.rng.choice(NEIGHBOURS)

    def _sex(self) -> Sex:
        sexes: tuple[Sex, Sex] = ("male", "female")
        return self._scene.rng.choice(sexes)
