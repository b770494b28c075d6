"""What contradicts between a person and their closest relatives. Pure; the same whoever was folded first."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.registry.contradictions.values import Contradiction, in_the_open, states
from services.registry.facts.state import PersonState
from services.registry.facts.values import Fact, Mention

LEAST_YEARS = 10
"""A parent who is less than this older is an error of data, whoever it is."""


@dataclass(frozen=True)
class Relative:
    """Somebody whom a fact about the person mentions: who it is, their living facts in order, their state."""

    person: Hashable
    living: Sequence[Fact]
    state: PersonState

    def death(self) -> Fact | None:
        """The fact that says when they died."""
        return next(
            (f for f in self.living if f.type == "death.certified" and f.effective_on == self.state.died_on), None
        )

    def birth(self) -> Fact | None:
        """A fact that says when they were born."""
        return next((fact for fact in in_the_open(self.living) if fact.body.birth_date == self.state.birth_date), None)


def in_the_family(living: Sequence[Fact], kin: Mapping[Mention, Relative]) -> set[Contradiction]:
    """What stands against what is said of mother, father and spouses. `living`: the facts that count, in order."""
    return {*_births(living, kin), *_marriages(living, kin)}


def asked_about(living: Sequence[Fact]) -> set[Mention]:
    """The relatives whom `in_the_family` looks at: the parents by birth, and spouses where there is more than one
    marriage to tell apart."""
    parents = {
        mention
        for fact in living
        if fact.type == "birth.certified" and fact.role == "child"
        for mention in (fact.body.mother, fact.body.father)
    }
    marriages = [fact for fact in living if fact.type in {"marriage.registered", "marriage.dissolved"}]
    several = sum(fact.type == "marriage.registered" for fact in marriages) > 1
    spouses = {fact.body.spouse for fact in marriages} if several else set()
    return {mention for mention in parents | spouses if mention is not None}


def _births(living: Sequence[Fact], kin: Mapping[Mention, Relative]) -> Iterable[Contradiction]:
    for fact in living:
        if fact.type != "birth.certified" or fact.role != "child":
            continue
        born = states(fact, "birth_date", fact.body.birth_date)
        mother = kin.get(fact.body.mother) if fact.body.mother else None
        death = mother.death() if mother else None
        if death is not None and death.effective_on < fact.body.birth_date:
            said = (states(death, "died_on", death.effective_on), born)
            yield Contradiction("born-after-mothers-death", fact.event, said)
        for mention in (fact.body.mother, fact.body.father):
            parent = kin.get(mention) if mention else None
            birth = parent.birth() if parent else None
            if birth is not None and _years_after(birth.body.birth_date, LEAST_YEARS) > fact.body.birth_date:
                said = (states(birth, "birth_date", birth.body.birth_date), born)
                yield Contradiction("parent-under-ten", (*fact.event, birth.body.birth_date.isoformat()), said)


def _marriages(living: Sequence[Fact], kin: Mapping[Mention, Relative]) -> Iterable[Contradiction]:
    """A marriage while another stands. A dissolution ends the one with the spouse whom it names, the death of the
    spouse ends theirs; a marriage that is registered once more with the same spouse is no second one."""
    standing: list[Fact] = []
    for fact in living:
        if fact.type == "marriage.dissolved":
            ended = [each for each in standing if _same(each, fact, kin)] or standing[-1:]
            standing = [each for each in standing if each not in ended]
        elif fact.type == "marriage.registered":
            standing = [each for each in standing if not _ended_by_death(each, fact.effective_on, kin)]
            for other in standing:
                if not _same(other, fact, kin):
                    said = tuple(states(each, "effective_on", each.effective_on) for each in (other, fact))
                    yield Contradiction("married-while-married", (*other.event, *fact.event), said)
            standing.append(fact)


def _same(one: Fact, other: Fact, kin: Mapping[Mention, Relative]) -> bool:
    first, second = _spouse(one, kin), _spouse(other, kin)
    return (first is not None and second is not None and first.person == second.person) or bool(
        set(one.body.spouse_numbers) & set(other.body.spouse_numbers)
    )


def _spouse(fact: Fact, kin: Mapping[Mention, Relative]) -> Relative | None:
    return kin.get(fact.body.spouse) if fact.body.spouse else None


def _ended_by_death(marriage: Fact, by: date, kin: Mapping[Mention, Relative]) -> bool:
    spouse = _spouse(marriage, kin)
    died_on = spouse.state.died_on if spouse else None
    return died_on is not None and marriage.effective_on <= died_on <= by


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # born on 29 February
        return date(day.year + years, 3, 1)
