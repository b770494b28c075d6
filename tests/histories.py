"""Vital events for tests of the fold, judged as if a department had reported them, and a registry without a database.

`report("death.certified", "d1", {...})` gives the facts by role; `History` collects them and folds whom they are about.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.registry.facts.fold import DEFAULT_AUTHORITIES, as_of, fold, fold_couples
from services.registry.facts.lineage import EventHeader, dead, header_of
from services.registry.facts.sayings import facts_of
from services.registry.facts.state import PersonState, canonical
from services.registry.facts.values import EventKey, Fact, Mention
from services.registry.identity.components import components
from shared.contracts.catalogue import CATALOGUE, full_type
from shared.contracts.judge import judge
from shared.identifiers.resident import make

START = datetime(2024, 1, 1, tzinfo=UTC)
TOWN, OTHER_TOWN = "110105001001", "110106002002"
BORN = date(1990, 5, 17)


def number(sequence: int, born: date = BORN) -> dict[str, str]:
    """A valid resident identity number."""
    return {"type": "resident-identity-number", "value": make("110105", born, sequence)}


def certificate(value: str) -> dict[str, str]:
    """A birth certificate as an identifier."""
    return {"type": "birth-certificate-number", "value": value}


def person(
    sequence: int, name: str | None = None, *, sex: str | None = None, also: Iterable[Any] = ()
) -> dict[str, Any]:
    """A source record with the identity number of that sequence."""
    return {
        "identifiers": [number(sequence), *also],
        "name": name or f"Person {sequence}",
        "sex": sex or ("male" if sequence % 2 else "female"),
        "birth_date": str(BORN),
    }


def household(area: str = TOWN, relation: str = "head", number_: str = "H1") -> dict[str, Any]:
    """A line of a household register."""
    return {"household": {"number": number_, "kind": "family", "relation": relation, "area": area}}


def move(permit: str = "P1", from_area: str = TOWN, to_area: str = OTHER_TOWN) -> dict[str, str]:
    """What both halves of a move say."""
    return {"permit_number": permit, "from_area": from_area, "to_area": to_area}


def birth(
    mother: Mapping[str, Any],
    father: Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
    cert: str = "C1",
    help_requested: bool = False,
    sex: str = "female",
    born: str = "2024-02-01",
) -> dict[str, Any]:
    """A birth certificate; the event takes effect on `born`."""
    return {
        "effective_on": born,
        "child": {"name": name, "sex": sex, "birth_date": born},
        "mother": mother,
        "father": father,
        "place": {"facility": "F1", "area": "110105"},
        "certificate_number": cert,
        "help_requested": help_requested,
    }


def report(
    name: str,
    id_: str,
    data: Mapping[str, Any],
    on: str = "2024-01-15",
    *,
    action: str = "created",
    of: str | None = None,
    minute: int = 0,
    department: str | None = None,
    recorded: int | None = 0,
) -> dict[str, Fact]:
    """Facts by role. `of`: the id it supersedes; `minute`: when it was said; `recorded`: the hour of its recording."""
    department = department or min(CATALOGUE[full_type(name)].reporters)
    source = f"urn:tenfold:{department}:system"
    superseding = {"supersedes": {"source": source, "id": of}} if of else {}
    message = {
        "specversion": "1.0",
        "id": id_,
        "source": source,
        "type": full_type(name),
        "subject": f"record-{id_}",
        "time": (START + timedelta(minutes=minute)).isoformat(),
        "data": {"effective_on": on, **data, "action": action, **superseding},
    }
    judged = judge(message, department)
    recorded_at = None if recorded is None else START + timedelta(hours=recorded)
    return facts_of(name, judged.envelope, judged.data, recorded_at=recorded_at, department=department)


def one(name: str, id_: str, data: Mapping[str, Any], on: str = "2024-01-15", **how: Any) -> Fact:
    """The fact of an event about one person."""
    (fact,) = report(name, id_, data, on, **how).values()
    return fact


def state_of(*facts: Fact) -> PersonState:
    """Fold facts of one person, of which those that others supersede are dead."""
    return fold(facts, dead(map(header_of, facts)), DEFAULT_AUTHORITIES)


class History:
    """A registry in memory: source records linked by shared identifiers, people folded from scratch."""

    def __init__(self, events: Iterable[Mapping[str, Fact]] = ()) -> None:
        self.facts: dict[Mention, Fact] = {}
        for facts in events:
            self.add(facts)

    def add(self, facts: Mapping[str, Fact]) -> None:
        """Take in one event, as often as it comes."""
        for fact in facts.values():
            self.facts.setdefault(fact.mention, fact)

    @property
    def headers(self) -> list[EventHeader]:
        """The headers of all events, some of them several times."""
        return [header_of(fact) for fact in self.facts.values()]

    def links(self, chosen: Iterable[Fact], gone: set[EventKey]) -> dict[Mention, Mention]:
        """Source record → person. What is dead joins nobody, but keeps a person of its own."""
        return components(
            {fact.mention: frozenset() if fact.event in gone else frozenset(fact.body.identifiers) for fact in chosen}
        )

    def states(self, known_at: datetime | None = None) -> dict[Mention, PersonState]:
        """Canonical states of all people, as far as their facts and links were known then."""
        chosen, gone = as_of(self.facts.values(), self.headers, None, known_at)
        links = self.links(chosen, gone)
        people: dict[Mention, list[Fact]] = {}
        for fact in chosen:
            people.setdefault(links[fact.mention], []).append(fact)
        return canonical(fold_couples(people, gone, DEFAULT_AUTHORITIES, links, {}), links)
