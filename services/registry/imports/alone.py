"""What one entry in a household register gives of somebody of whom nothing else is known. Pure.

The rules are those of the fold, the statistics and the contradictions: this says in one step what they come to where
there is one fact, of one kind (tests/property/test_alone.py holds both to the same).
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from services.registry.areas.moved import Moved
from services.registry.contradictions.rules import as_numbered
from services.registry.facts.state import RESIDENT, PersonState, Residency
from services.registry.facts.values import RESIDENT_NUMBER, EventKey, Fact, FactBody, household_entry, named_number
from services.registry.imports.rules import DEPARTMENT, Entry
from services.registry.statistics.counting import JOINED, UNCERTIFIED, Cell, anniversary, kind_of_day, month_of
from services.registry.statistics.places import COUNTY, place

KIND, ROLE, CREATED = "household.registered", "person", "created"


def alone(facts: Sequence[Fact], dead: AbstractSet[EventKey]) -> Fact | None:
    """The entry, where it is all that is known of somebody, and counts."""
    if len(facts) != 1:
        return None
    (fact,) = facts
    entered = (fact.type, fact.role, fact.action) == (KIND, ROLE, CREATED)
    return fact if entered and fact.event not in dead else None


def fact_of(entry: Entry) -> Fact:
    """The fact that an entry is, as `sayings.facts_about` builds it."""
    envelope, data = entry.judged.envelope, entry.judged.data
    person = data.person
    numbers = [named_number(each) for each in person.identifiers]
    body = FactBody(
        person.name,
        str(person.sex),
        person.birth_date,
        tuple(numbers) if len(numbers) == 1 else tuple(sorted(set(numbers))),
        household=household_entry(data.household),
    )
    return Fact(
        envelope.source,
        envelope.id,
        KIND,
        ROLE,
        CREATED,
        data.effective_on,
        envelope.time,
        None,
        None,
        DEPARTMENT,
        body,
    )


def state_of(fact: Fact) -> PersonState:
    """The state that the entry alone gives."""
    body, home = fact.body, fact.body.household
    if home is None:
        raise ValueError("an entry names a household")
    number = next((each.value for each in body.identifiers if each.type == RESIDENT_NUMBER), None)
    others = [each for each in body.identifiers if each.type != RESIDENT_NUMBER or each.value != number]
    return PersonState(
        name=body.name or None,
        sex=body.sex,
        birth_date=body.birth_date,
        identity_number=number,
        other_identifiers=tuple(others),
        residence=RESIDENT,
        registered_area=home.area,
        household_number=home.number,
        household_kind=home.kind,
        relation_to_head=home.relation,
        registered=True,
        residencies=(Residency(home.area, home.number, home.relation, fact.effective_on, None, home.kind),),
    )


def area_of(fact: Fact, moved: Moved | None) -> str:
    """Where the entry is, in the areas of today."""
    home = fact.body.household
    if home is None:
        return ""
    return (moved.code(home.area, home.number) if moved else None) or home.area


def cells_of(fact: Fact, area: str, home: frozenset[str]) -> list[Cell]:
    """What the person counts for, each cell once; `area`: where the entry is, in the areas of today."""
    found = place(area, home)
    if found is None:
        return []
    body = fact.body
    born, since = body.birth_date, max(fact.effective_on, body.birth_date)
    sex = body.sex if body.sex in ("male", "female") else "unknown"
    cells = [
        Cell(JOINED, month_of(since), found, sex, month_of(born)),
        Cell(kind_of_day(born), 0, COUNTY, "", 0),
    ]
    if since <= anniversary(born):
        cells.append(Cell(UNCERTIFIED, month_of(born), COUNTY, "", 0))
    return cells


def agrees(fact: Fact) -> bool:
    """Whether it is certain that nothing in the entry contradicts anything else in it."""
    numbers = [each.value for each in fact.body.identifiers if each.type == RESIDENT_NUMBER]
    if len(numbers) == 1:
        return as_numbered(numbers[0], fact.body.birth_date, fact.body.sex)
    return not numbers
