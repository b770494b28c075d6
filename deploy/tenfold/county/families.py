"""Arrange drawn people into couples, parents with children, and households. Works on indexes into the drawn list, which
is sorted by birth date: a smaller index is never the younger person."""

import random
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, timedelta

from deploy.tenfold.county.pyramid import age_on, years_before
from deploy.tenfold.county.values import Kind, Relation
from shared.identifiers.resident import Sex

# Share of men and women who are married, from age on (rounded after the census's marriage table of 2020).
_MARRIED: dict[Sex, tuple[tuple[int, float], ...]] = {
    "male": ((22, 0.06), (25, 0.42), (30, 0.76), (35, 0.87), (40, 0.91), (60, 0.88), (75, 0.74), (85, 0.5)),
    "female": ((20, 0.10), (25, 0.60), (30, 0.87), (35, 0.92), (40, 0.93), (60, 0.82), (70, 0.62), (80, 0.28)),
}
YOUNGEST_MOTHER, OLDEST_MOTHER = 20, 42
_SPACING = timedelta(days=330)
_LEAVES_HOME = 30


@dataclass
class Bonds:
    """Who belongs to whom, by index."""

    spouse: dict[int, int] = field(default_factory=dict)
    mother: dict[int, int] = field(default_factory=dict)
    father: dict[int, int] = field(default_factory=dict)
    children: dict[int, list[int]] = field(default_factory=dict)
    """By mother."""
    siblings: dict[int, int] = field(default_factory=dict)
    """An older single → the head they share a home and a surname with."""


@dataclass(frozen=True, slots=True)
class Place:
    """A household to be: its kind, and each member with the relation to the head."""

    kind: Kind
    members: tuple[tuple[int, Relation], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The drawn people: birth dates and sexes by index, and the day that ages are counted on."""

    births: list[date]
    sexes: list[Sex]
    ages: list[int]

    @classmethod
    def of(cls, drawn: list[tuple[date, Sex]], reference: date) -> "Drawn":
        """Count ages on the eve of the reference day."""
        eve = reference - timedelta(days=1)
        return cls([born for born, _ in drawn], [sex for _, sex in drawn], [age_on(born, eve) for born, _ in drawn])


def marry(rng: random.Random, drawn: Drawn, bonds: Bonds) -> None:
    """Pair men and women in the order of their ages: those who marry are few when young, so that pairs are close."""
    chosen: dict[Sex, list[int]] = {"male": [], "female": []}
    for index, (sex, age) in enumerate(zip(drawn.sexes, drawn.ages, strict=True)):
        share = max((step for step in _MARRIED[sex] if step[0] <= age), default=(0, 0.0))[1]
        if rng.random() < share:
            chosen[sex].append(index)
    excess = len(chosen["male"]) - len(chosen["female"])
    more: Sex = "male" if excess > 0 else "female"
    for _ in range(abs(excess)):
        chosen[more].pop(rng.randrange(len(chosen[more])))
    for man, woman in zip(chosen["male"], chosen["female"], strict=True):
        bonds.spouse[man], bonds.spouse[woman] = woman, man


def give_parents(rng: random.Random, drawn: Drawn, bonds: Bonds) -> None:
    """Find parents for everyone under 18 and for most who have not left home."""
    mothers = [index for index, sex in enumerate(drawn.sexes) if sex == "female" and index in bonds.spouse]
    born = [drawn.births[index] for index in mothers]
    for child, birth in enumerate(drawn.births):
        age = drawn.ages[child]
        if age >= _LEAVES_HOME or child in bonds.spouse or (age >= 18 and rng.random() < 0.4):
            continue
        first = bisect_left(born, years_before(birth, OLDEST_MOTHER))
        last = bisect_left(born, years_before(birth, YOUNGEST_MOTHER))
        mother = _mother(rng, drawn, bonds, mothers, (first, last), birth)
        if mother is None:
            continue
        bonds.mother[child], bonds.father[child] = mother, bonds.spouse[mother]
        bonds.children.setdefault(mother, []).append(child)


def _mother(
    rng: random.Random, drawn: Drawn, bonds: Bonds, mothers: list[int], span: tuple[int, int], birth: date
) -> int | None:
    """A married woman of the right age whose children are not too close; the most usual age is near 28."""
    first, last = span
    if first >= last:
        return None
    usual = bisect_left(mothers, years_before(birth, 28), first, last, key=lambda index: drawn.births[index])
    spread = max(1.0, (last - first) / 5)
    for attempt in range(60):
        place = round(rng.gauss(usual, spread)) if attempt < 40 else rng.randrange(first, last)
        if not first <= place < last:
            continue
        mother = mothers[place]
        children = bonds.children.get(mother, [])
        size = 3 if rng.random() < 0.12 else 2  # families of today: one or two children, some three
        old_enough = years_before(birth, YOUNGEST_MOTHER) > drawn.births[bonds.spouse[mother]]
        if len(children) < size and old_enough and all(birth - drawn.births[other] >= _SPACING for other in children):
            return mother
    return None


def settle(rng: random.Random, drawn: Drawn, bonds: Bonds) -> list[Place]:
    """Put everyone into exactly one household: families round a couple or a single head, and a few collective ones."""
    housed: set[int] = set()
    elders = _elders_by_child(rng, drawn, bonds)
    places: list[Place] = []
    taken_in = {elder for group in elders.values() for elder in group}
    for man in sorted(index for index in bonds.spouse if drawn.sexes[index] == "male"):
        if man not in taken_in:
            members = _family(rng, bonds, man, elders.get(man, []))
            places.append(Place("family", members))
            housed.update(index for index, _ in members)
    singles = [index for index in range(len(drawn.births)) if index not in housed and index not in taken_in]
    collective = [
        index for index in singles if drawn.ages[index] >= 18 and rng.random() < _collective_share(drawn, index)
    ]
    in_collective = set(collective)
    heads = sorted(place.members[0][0] for place in places)
    joins: dict[int, list[int]] = {}
    alone: list[int] = []
    for index in singles:
        if index in in_collective:
            continue
        head = _household_to_join(rng, drawn, heads, index)
        if head is None:
            alone.append(index)
        else:
            joins.setdefault(head, []).append(index)
    places = [_joined(drawn, bonds, place, joins.get(place.members[0][0], [])) for place in places]
    places += [Place("family", ((index, "head"),)) for index in alone]
    groups = max(1, len(collective) // 60) if collective else 0
    places += [
        Place("collective", tuple((index, "other") for index in collective[part::groups])) for part in range(groups)
    ]
    return places


def _collective_share(drawn: Drawn, index: int) -> float:
    """Dormitories and sites for the young, homes for the old."""
    return 0.25 if drawn.ages[index] < 35 else 0.08


def _elders_by_child(rng: random.Random, drawn: Drawn, bonds: Bonds) -> dict[int, list[int]]:
    """Some old people live with a married son (or daughter and her husband): head → the elders in the home."""
    husbands = sorted(index for index in bonds.spouse if drawn.sexes[index] == "male")
    births = [drawn.births[index] for index in husbands]
    with_elders: dict[int, list[int]] = {}
    elders: set[int] = set()
    for elder, age in enumerate(drawn.ages):
        partner = bonds.spouse.get(elder)
        couple = [elder] if partner is None else sorted((elder, partner))
        if age < 63 or elder in elders or rng.random() >= 0.22 or any(index in with_elders for index in couple):
            continue
        mother = next((index for index in couple if drawn.sexes[index] == "female"), couple[0])
        youngest = max(couple)
        first = bisect_left(births, drawn.births[youngest] + timedelta(days=366 * YOUNGEST_MOTHER))
        last = bisect_left(births, drawn.births[mother] + timedelta(days=365 * OLDEST_MOTHER))
        if first >= last or any(index in bonds.children for index in couple):
            continue
        head = husbands[rng.randrange(first, last)]
        if head in with_elders or head in elders or head in bonds.mother or head in bonds.father:
            continue
        with_elders[head] = couple
        elders.update(couple)
        for index in couple:
            (bonds.mother if drawn.sexes[index] == "female" else bonds.father)[head] = index
    return with_elders


def _family(rng: random.Random, bonds: Bonds, man: int, elders: list[int]) -> tuple[tuple[int, Relation], ...]:
    """A couple, their children and the husband's parents. Now and then the wife or the eldest is the head."""
    wife = bonds.spouse[man]
    children = bonds.children.get(wife, [])
    if elders and rng.random() < 0.3:
        head, rest = elders[0], elders[1:]
        return (
            (head, "head"),
            *((index, "spouse") for index in rest),
            (man, "child"),
            (wife, "other"),
            *((index, "grandchild") for index in children),
        )
    head, spouse = (wife, man) if not elders and rng.random() < 0.15 else (man, wife)
    return (
        (head, "head"),
        (spouse, "spouse"),
        *((index, "child") for index in children),
        *((index, "parent") for index in elders),
    )


def _household_to_join(rng: random.Random, drawn: Drawn, heads: list[int], single: int) -> int | None:
    """A minor without parents here joins someone's home; so do some grown-up singles, with a sibling."""
    if drawn.ages[single] < 18:
        return heads[rng.randrange(len(heads))] if heads else None
    if drawn.ages[single] < 32 or rng.random() >= 0.06:
        return None
    return heads[min(bisect_left(heads, single), len(heads) - 1)] if heads else None


def _joined(drawn: Drawn, bonds: Bonds, place: Place, joining: list[int]) -> Place:
    """The household with those who join it."""
    head = place.members[0][0]
    added: list[tuple[int, Relation]] = []
    for index in joining:
        if drawn.ages[index] >= 18 and abs(drawn.ages[index] - drawn.ages[head]) <= 15:
            bonds.siblings[index] = head
            added.append((index, "sibling"))
        else:
            added.append((index, "other"))
    return Place(place.kind, (*place.members, *added))
