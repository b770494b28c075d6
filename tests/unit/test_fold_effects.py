"""Every type has the effects that the catalogue tells of it, and no other: found by folding a month with and without
each of its reports. One without any effect still is a fact of the people it names."""

from collections import defaultdict
from datetime import UTC, date, datetime

import pytest

from deploy.tenfold.county import generate, month, registrations
from services.registry.facts.fold import fold
from services.registry.facts.sayings import facts_of
from services.registry.facts.state import changed_fields
from services.registry.facts.values import Fact, NamedNumber
from shared.contracts.catalogue import TYPES, EventType
from shared.contracts.effects import CHANGES
from shared.contracts.judge import judge
from shared.settings import PROVISIONING
from shared.sharing.authorities import Authorities

AT = datetime(2026, 3, 1, tzinfo=UTC)

# What a month of this county does not show (the rules of the fold have tests of their own): nobody dies away from home,
# and nobody's sex turns out to be written down wrongly.
NOT_SHOWN: dict[str, set[str]] = {"death.certified": {"current_area"}, "identity.changed": {"sex"}}


def facts() -> list[Fact]:
    """A county and a month of its life, as facts."""
    county = generate(3_000)
    found: list[Fact] = []
    for report in [*registrations(county), *month(county, 30, date(2026, 3, 1))]:
        judged = judge(report.cloud_event, report.department)
        said = facts_of(judged.entry.name, judged.envelope, judged.data, recorded_at=AT, department=report.department)
        found += said.values()
    return found


@pytest.fixture(scope="module")
def effects() -> dict[str, set[str]]:
    """Type → the fields that any of its reports changes, taken away from the end of a person's facts."""
    by_number: dict[NamedNumber, list[Fact]] = defaultdict(list)
    for fact in facts():
        numbers = fact.body.identifiers  # one of two living numbers is that of somebody known
        by_number[next((each for each in numbers if each in by_number), numbers[0])].append(fact)
    authorities = Authorities.load(PROVISIONING).by_attribute()
    found: dict[str, set[str]] = defaultdict(set)
    for about in by_number.values():
        for fact in about if len(about) < 20 else ():
            before = fold([each for each in about if each is not fact], frozenset(), authorities)
            after = fold(about, frozenset(), authorities)
            found[fact.type].update(changed_fields(before, after))
    return found


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.name)
def test_a_type_changes_what_the_catalogue_says_and_nothing_else(
    entry: EventType, effects: dict[str, set[str]]
) -> None:
    assert entry.name in effects, "the month reports it of nobody"
    assert effects[entry.name] <= CHANGES[entry.name]
    assert CHANGES[entry.name] - effects[entry.name] == NOT_SHOWN.get(entry.name, set())


def test_each_type_is_told_of_once() -> None:
    assert CHANGES.keys() == {entry.name for entry in TYPES}
