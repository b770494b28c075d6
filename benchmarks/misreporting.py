"""The synthetic county as departments misreport it: every person of the register once more, with one known error. The
errors are kinds that registers are known for; how often each occurs is made up."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import msgspec
import opencc

from deploy.tenfold.county.values import County
from services.registry.facts.values import RESIDENT_NUMBER, NamedNumber
from services.registry.identity.blocking import blocks
from services.registry.identity.description import Description
from shared.identifiers.names import parts, sort_key
from shared.identifiers.pinyin import in_given_name
from shared.identifiers.resident import make

Misreport: TypeAlias = Callable[[random.Random, Description], Description | None]
"""Gives the description with the error, or None where it cannot occur."""

_TRADITIONAL = opencc.OpenCC("s2t")
_FOREIGN_GIVEN = ("Anna", "Maria", "Julia", "Elena", "Sofia", "Laura", "Thomas", "Daniel", "Martin", "Peter", "Ivan")
_FOREIGN_FAMILY = ("Schmidt", "Müller", "Novák", "Rossi", "Silva", "Kowalski", "Petrov", "Dubois", "Jensen", "Okafor")
_UYGHUR_GIVEN = ("阿依古丽", "古丽娜尔", "买买提", "艾合买提", "阿布都拉", "热依汗", "帕提古丽", "吐尔逊", "麦尔丹")
_UYGHUR_FATHER = ("吐尔逊", "买买提", "阿不都热合曼", "依明", "司马义", "卡德尔", "玉苏甫", "艾山", "库尔班")


@dataclass(frozen=True)
class Reported:
    """A report about the person at `place` of the register. It is another person's where `kind` is a trap."""

    place: int
    kind: str
    description: Description


def register(county: County, rng: random.Random) -> list[Description]:
    """Everyone of the county, and two in a hundred more whose names are not written as Chinese ones are."""
    people = county.people
    found = [
        Description(
            name=person.name,
            sex=person.sex,
            birth_date=person.birth_date,
            numbers=(NamedNumber(RESIDENT_NUMBER, person.identity_number),),
            mother=None if person.mother is None else people[person.mother].name,
            father=None if person.father is None else people[person.father].name,
            area=county.home(person).area,
        )
        for person in people
    ]
    return found + [_other(rng, county, foreign=place % 2 == 0) for place in range(len(people) // 50)]


def _other(rng: random.Random, county: County, *, foreign: bool) -> Description:
    given, family = (_FOREIGN_GIVEN, _FOREIGN_FAMILY) if foreign else (_UYGHUR_GIVEN, _UYGHUR_FATHER)
    born = date(1950, 1, 2) + timedelta(days=rng.randrange(25_000))
    number = (
        NamedNumber("passport", f"E{rng.randrange(10**8):08d}", "DEU")
        if foreign
        else NamedNumber(RESIDENT_NUMBER, make("650102", born, rng.randrange(1000)))
    )
    sex = rng.choice(("male", "female"))
    name = f"{rng.choice(given)}{' ' if foreign else '·'}{rng.choice(family)}"
    return Description(name, sex, born, (number,), area=rng.choice(county.communities))


def reports(people: Sequence[Description], rng: random.Random) -> list[Reported]:
    """One report about everyone, with an error that can occur to them. Half of those that need no number leave it out;
    three in ten leave out the parents, one in ten the area."""
    sounds = _by_sound(people)
    kinds: dict[str, Misreport] = {
        **KINDS,
        "wrong character": lambda rng, d: _character(rng, d, sorted({c for each in sounds.values() for c in each})),
        "character of the same sound": lambda rng, d: _homophone(rng, d, sounds),
    }
    found = []
    for place, person in enumerate(people):
        kind = rng.choice(sorted(kinds))
        wrong = kinds[kind](rng, person)
        if wrong is None:
            kind, wrong = "as registered", person
        found.append(Reported(place, kind, _left_out(rng, wrong, kind in ABOUT_NUMBERS)))
    return found


def _left_out(rng: random.Random, d: Description, numbered: bool) -> Description:
    if rng.random() < 0.5 and not numbered:
        d = _but(d, numbers=())
    if rng.random() < 0.3:
        d = _but(d, mother=None, father=None)
    return _but(d, area=None) if rng.random() < 0.1 else d


def traps(people: Sequence[Description], rng: random.Random) -> Iterator[Reported]:
    """People who are not in the register but look like somebody who is: a twin, somebody of the same name and birthday
    in the same community, somebody who was given the same number."""
    for place in rng.sample(range(len(people)), len(people) // 5):
        person = people[place]
        born = person.birth_date
        if born is None or not parts(person.name).han:
            continue
        other = people[rng.randrange(len(people))]
        sex = rng.choice(("male", "female"))
        number = NamedNumber(RESIDENT_NUMBER, make("370102", born, rng.randrange(1000)))
        if number in person.numbers:
            continue
        given = parts(person.name).family + rng.choice(("小", "晓", "佳", "")) + rng.choice("红明军芳宁")
        if given != person.name:
            yield Reported(place, "twin", _but(person, name=given, sex=sex, numbers=(number,)))
            yield Reported(place, "twin without a number", _but(person, name=given, sex=sex, numbers=()))
        neighbour = _but(person, mother=None, father=None)
        yield Reported(place, "neighbour without a number", _but(neighbour, numbers=()))
        yield Reported(place, "neighbour", _but(neighbour, numbers=(number,)))
        if other.name != person.name and other.birth_date != born:
            yield Reported(place, "shared number", _but(other, numbers=person.numbers))


def _but(d: Description, **changes: object) -> Description:
    return msgspec.structs.replace(d, **changes)


def _by_sound(people: Iterable[Description]) -> dict[str, list[str]]:
    """The characters of all names, by their reading."""
    found: dict[str, set[str]] = defaultdict(set)
    for character in {c for d in people if parts(d.name).han for c in d.name}:
        found[in_given_name(character)[0]].add(character)
    return {sound: sorted(characters) for sound, characters in found.items()}


def _character(rng: random.Random, d: Description, characters: Sequence[str]) -> Description | None:
    """Any character wrong: names of two characters would be other names, and keep their own error (same sound)."""
    if not parts(d.name).han or len(d.name) < 3:
        return None
    at, wrong = rng.randrange(len(d.name)), rng.choice(characters)
    return None if d.name[at] == wrong else _but(d, name=d.name[:at] + wrong + d.name[at + 1 :])


def _homophone(rng: random.Random, d: Description, sounds: dict[str, list[str]]) -> Description | None:
    if not parts(d.name).han:
        return None
    at = rng.randrange(1, len(d.name))
    others = [each for each in sounds[in_given_name(d.name[at])[0]] if each != d.name[at]]
    return _but(d, name=d.name[:at] + rng.choice(others) + d.name[at + 1 :]) if others else None


def _traditional(rng: random.Random, d: Description) -> Description | None:
    name = "".join(_TRADITIONAL.convert(character) for character in d.name)
    return None if name == d.name else _but(d, name=name)


def _pinyin(rng: random.Random, d: Description) -> Description | None:
    """As a passport has it."""
    split = parts(d.name)
    if not split.han:
        return None
    syllables = [each.replace("v", "yu").upper() for each in sort_key(d.name).split()[:-1]]
    return _but(d, name=f"{''.join(syllables[: len(split.family)])} {''.join(syllables[len(split.family) :])}")


def _order(rng: random.Random, d: Description) -> Description:
    split = parts(d.name)
    if split.han:
        return _but(d, name=split.given + split.family)
    joint = "·" if "·" in d.name else " "
    return _but(d, name=joint.join(reversed(d.name.split(joint))))


def _married(rng: random.Random, d: Description) -> Description | None:
    if parts(d.name).han or " " not in d.name:
        return None
    given, family = d.name.split(" ")
    return _but(d, name=f"{given} {rng.choice([each for each in _FOREIGN_FAMILY if each != family])}")


def _day(rng: random.Random, d: Description) -> Description | None:
    assert d.birth_date is not None
    day = rng.randrange(1, 29)
    return None if day == d.birth_date.day else _but(d, birth_date=d.birth_date.replace(day=day))


def _turned(rng: random.Random, d: Description) -> Description | None:
    assert d.birth_date is not None
    day, month = d.birth_date.day, d.birth_date.month
    return None if day > 12 or day == month else _but(d, birth_date=date(d.birth_date.year, day, month))


def _january(rng: random.Random, d: Description) -> Description:
    assert d.birth_date is not None
    return _but(d, birth_date=date(d.birth_date.year, 1, 1))


def _year(rng: random.Random, d: Description) -> Description | None:
    assert d.birth_date is not None
    if (d.birth_date.month, d.birth_date.day) == (2, 29):
        return None
    return _but(d, birth_date=d.birth_date.replace(year=d.birth_date.year + rng.choice((-1, 1, -10, 10))))


def _sexless(rng: random.Random, d: Description) -> Description:
    return _but(d, sex=None)


def _digit(rng: random.Random, d: Description) -> Description:
    number = d.numbers[0]
    at = rng.randrange(len(number.value))
    digit = rng.choice([each for each in "0123456789" if each != number.value[at]])
    value = number.value[:at] + digit + number.value[at + 1 :]
    return _but(d, numbers=(NamedNumber(number.type, value, number.issuer),))


def _neighbouring_digits(rng: random.Random, d: Description) -> Description | None:
    number = d.numbers[0]
    places = [at for at in range(len(number.value) - 1) if number.value[at] != number.value[at + 1]]
    at = rng.choice(places)
    value = number.value[:at] + number.value[at + 1] + number.value[at] + number.value[at + 2 :]
    return _but(d, numbers=(NamedNumber(number.type, value, number.issuer),))


KINDS: dict[str, Misreport] = {
    "as registered": lambda rng, d: d,
    "traditional characters": _traditional,
    "pinyin": _pinyin,
    "swapped order": _order,
    "married surname": _married,
    "wrong day": _day,
    "day and month swapped": _turned,
    "1 January": _january,
    "wrong year": _year,
    "sex unknown": _sexless,
    "wrong digit": _digit,
    "digits swapped": _neighbouring_digits,
}
ABOUT_NUMBERS = ("wrong digit", "digits swapped")


def met(people: Sequence[Description], reported: Iterable[Reported]) -> Iterator[tuple[Reported, int]]:
    """Each report with the places of everyone who shares a block with it, or a number."""
    index: dict[object, list[int]] = defaultdict(list)
    for place, person in enumerate(people):
        for key in (*blocks(person), *person.numbers):
            index[key].append(place)
    for report in reported:
        keys = (*blocks(report.description), *report.description.numbers)
        for place in dict.fromkeys(place for key in keys for place in index.get(key, ())):
            yield report, place
