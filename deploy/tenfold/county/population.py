"""Generate the base population. Pure and seeded: the same seed and size give the same county on every machine, and
neither depends on today."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from deploy.tenfold.county import names
from deploy.tenfold.county.families import Bonds, Drawn, Place, give_parents, marry, settle
from deploy.tenfold.county.pyramid import draw
from deploy.tenfold.county.values import COUNTY_AREA, REFERENCE, County, Home, Relation, Resident
from shared.identifiers.resident import Sex, make

DEFAULT_SEED = 20250701
_RESERVED_SHARE = 0.05
# Where people first got their numbers; codes that have since changed stay in the numbers of those who carry them.
_ORIGINS: tuple[tuple[str, int, int, float], ...] = (
    (COUNTY_AREA, 0, 9999, 70.0),
    ("370103", 0, 9999, 5.0),
    ("370104", 0, 9999, 4.0),
    ("370105", 0, 9999, 5.0),
    ("370112", 1987, 9999, 4.0),
    ("370121", 0, 1986, 4.0),
    ("370123", 0, 2000, 2.0),
    ("370113", 2001, 9999, 2.0),
    ("370122", 0, 1991, 3.0),
    ("370181", 1992, 2015, 3.0),
    ("370114", 2016, 9999, 3.0),
)


class Numbers:
    """Gives out resident identity numbers, each once."""

    def __init__(self, rng: random.Random, taken: frozenset[str] = frozenset()) -> None:
        self._rng = rng
        self._taken = set(taken)

    def give(self, area: str, birth_date: date, sex: Sex) -> str:
        """A number nobody has yet. A county gives out at most 500 a day and sex: more never occur here."""
        while True:
            sequence = self._rng.randrange(500) * 2 + (sex == "male")
            number = make(area, birth_date, sequence)
            if number not in self._taken:
                self._taken.add(number)
                return number


def build(people: int, seed: int, communities: Sequence[str], facilities: Mapping[str, tuple[str, ...]]) -> County:
    """A county of exactly `people` people, spread over `communities`. Raises ValueError for fewer than one."""
    if people < 1:
        raise ValueError("a county has at least one person")
    rng = random.Random(f"tenfold-county:{seed}:{people}")
    drawn = Drawn.of(draw(rng, people, REFERENCE), REFERENCE)
    bonds = Bonds()
    marry(rng, drawn, bonds)
    give_parents(rng, drawn, bonds)
    places = settle(rng, drawn, bonds)
    rng.shuffle(places)
    return County(
        seed=seed,
        people=_residents(rng, drawn, bonds, places),
        households=_homes(rng, places, communities),
        communities=tuple(communities),
        facilities=facilities,
    )


def _homes(rng: random.Random, places: list[Place], communities: Sequence[str]) -> tuple[Home, ...]:
    """Households with numbers, in communities of unequal size, in the order of the places."""
    weights = [1 + rng.random() * 2 for _ in communities]
    areas = rng.choices(communities, weights, k=len(places))
    return tuple(
        Home(
            index=index,
            number=f"{102_000_000 + index + 1}",
            kind=place.kind,
            area=area,
            members=tuple(member for member, _ in place.members),
            reserved=place.kind == "family" and rng.random() < _RESERVED_SHARE,
        )
        for index, (place, area) in enumerate(zip(places, areas, strict=True))
    )


def _residents(rng: random.Random, drawn: Drawn, bonds: Bonds, places: list[Place]) -> tuple[Resident, ...]:
    """Names follow the father's line, numbers the birthplace."""
    where: dict[int, tuple[int, Relation]] = {
        member: (place, relation) for place, each in enumerate(places) for member, relation in each.members
    }
    surnames = _surnames(rng, len(drawn.births), bonds)
    numbers = Numbers(rng)
    residents = []
    for index, (born, sex) in enumerate(zip(drawn.births, drawn.sexes, strict=True)):
        origin = COUNTY_AREA if index in bonds.mother and drawn.ages[index] < 18 else _origin(rng, born.year)
        household, relation = where[index]
        residents.append(
            Resident(
                index=index,
                name=surnames[index] + names.given_name(rng, sex, born.year),
                sex=sex,
                birth_date=born,
                identity_number=numbers.give(origin, born, sex),
                household=household,
                relation=relation,
                mother=bonds.mother.get(index),
                father=bonds.father.get(index),
                spouse=bonds.spouse.get(index),
                registered_on=min(born + timedelta(days=rng.randrange(3, 31)), REFERENCE - timedelta(days=1)),
            )
        )
    return tuple(residents)


def _surnames(rng: random.Random, people: int, bonds: Bonds) -> list[str]:
    """One child in thirteen takes the mother's (name report 2020: 1 to 12). Parents stand before their children."""
    surnames = names.surnames(rng, people)
    for index in range(people):
        mother, father = bonds.mother.get(index), bonds.father.get(index)
        if father is not None:
            surnames[index] = surnames[mother] if mother is not None and rng.random() < 1 / 13 else surnames[father]
    for index, head in bonds.siblings.items():
        surnames[index] = surnames[head]
    return surnames


def _origin(rng: random.Random, year: int) -> str:
    """A county whose code was in use that year."""
    open_then = [(area, share) for area, first, last, share in _ORIGINS if first <= year <= last]
    return rng.choices([area for area, _ in open_then], [share for _, share in open_then])[0]
