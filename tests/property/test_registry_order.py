"""The registry on PostgreSQL holds the same people for the same events, however they arrive: in any order, any
repetition, any pages, by several followers at once. Its derived tables equal what its facts give."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.registry.facts.fold import fold_couples
from services.registry.facts.lineage import dead, header_of
from services.registry.facts.rebuild import Rebuild
from services.registry.facts.sayings import facts_of
from services.registry.facts.state import PersonState, canonical
from services.registry.facts.values import EventKey, Fact, Mention
from services.registry.identity.components import components
from shared.contracts.judge import judge
from tests.histories import certificate, number
from tests.property.test_fold import TYPES, said
from tests.registry_world import CloudEvent, RegistryWorld, department_of, receipt_of, says

pytest_plugins = ["tests.registry"]

BOUNDED = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
BABY = {"name": "Baby", "birth_date": "2024-01-01"}
TABLES = "feed_entry, fact, relink, residency, identifier_index, household, vital_event, held_event, person, parked"


def babies(data: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """The source records that may go by number, by certificate, or by both: those that link."""
    who = data.get("person", data.get("child"))
    if who is not None and any(each["type"] == "birth-certificate-number" for each in who.get("identifiers", ())):
        yield who


def adults(data: Mapping[str, Any]) -> list[str]:
    """The numbers of everyone else in it."""
    people = [data.get("mother"), data.get("father"), *data.get("spouses", ()), *data.get("adopters", ())]
    return [each["value"] for who in people if who for each in who["identifiers"]]


@st.composite
def payload(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Data of an event in which nobody has two roles; a baby goes by its number, its certificate, or both, and by one
    name: two that share a paper and nothing else are a clerk's matter."""
    data = draw(said(name).filter(lambda data: len(set(adults(data))) == len(adults(data))))
    for who in babies(data):
        digit = int(who["identifiers"][-1]["value"][1:])
        who |= BABY
        one, other = number(digit), certificate(f"C{digit}")
        who["identifiers"] = draw(st.sampled_from([[one, other], [one], [other]]))
    if name == "birth.certified" and data["child"]["name"]:
        data["child"]["name"] = BABY["name"]
    return data


@st.composite
def histories(draw: st.DrawFn, most: int = 8) -> list[CloudEvent]:
    """CloudEvents, a third of them corrections and annulments, none ambiguous: what links two numbers of one person is
    corrected only by what links them again (parting is a clerk's matter, see tests/service/test_folding.py)."""
    events: list[CloudEvent] = []
    for n in range(draw(st.integers(2, most))):
        action = draw(st.sampled_from(["created"] * 4 + ["corrected", "annulled"])) if events else "created"
        if action == "created":
            name, department, of, links = draw(st.sampled_from(TYPES)), None, None, []
            if name == "death.certified":
                department = draw(st.sampled_from(["health", "public-security", "civil-affairs"]))
        else:
            target = draw(st.sampled_from(events))
            name, department, of = target["type"].split(".", 2)[2][:-3], department_of(target), target["id"]
            links = [who["identifiers"] for who in babies(target["data"]) if len(who["identifiers"]) == 2]
            action = "corrected" if links else action
        data = draw(payload(name))
        for identifiers in links:
            who = data["person" if "person" in data else "child"]
            who |= BABY | {"identifiers": identifiers}
        minute = draw(st.integers(0, 3))
        events.append(says(name, f"e{n}", data, action=action, of=of, minute=minute, department=department))
    return events


def facts_in(event: CloudEvent) -> list[Fact]:
    judged = judge(event, department_of(event))
    facts = facts_of(event["type"], judged.envelope, judged.data, recorded_at=None, department=department_of(event))
    return list(facts.values())


def expected(events: Sequence[CloudEvent], authorities: Mapping[str, Sequence[str]]) -> dict[Mention, PersonState]:
    """The pure model: components over the source records that count, folded from scratch."""
    facts = [fact for event in events for fact in facts_in(event)]
    gone = dead(map(header_of, facts))
    living = [fact for fact in facts if fact.event not in gone]
    links = components({fact.mention: frozenset(fact.body.identifiers) for fact in living})
    people: dict[Mention, list[Fact]] = {}
    for fact in living:
        people.setdefault(links[fact.mention], []).append(fact)
    return canonical(fold_couples(people, gone, authorities, links, {}), links)


def gone_in(events: Sequence[CloudEvent]) -> set[EventKey]:
    return dead(header_of(fact) for event in events for fact in facts_in(event))


async def emptied(registry: RegistryWorld) -> RegistryWorld:
    """The registry without anyone; its feeds begin again."""
    await registry.service.pool.execute(f"TRUNCATE {TABLES} CASCADE; UPDATE feed_head SET position = 0")
    return registry


async def assert_whole(registry: RegistryWorld, events: Sequence[CloudEvent]) -> None:
    """Everything was applied and told once, and the derived tables are what the facts say."""
    assert await registry.count("held_event") == 0
    applied = [each["receipt"] for each in await registry.told(kind="outcome") if each["status"] == "applied"]
    assert sorted(applied) == sorted({str(receipt_of(event)) for event in events})
    rebuild = Rebuild(registry.folding.vault, registry.folding.authorities, page=3)
    async with registry.service.pool.acquire() as connection:
        stored, rebuilt = await rebuild.compare(connection)
    assert (stored.person, stored.residency) == (rebuilt.person, rebuilt.residency)
    assert stored.identifier_index == rebuilt.identifier_index


@given(histories(), st.data())
@BOUNDED
async def test_any_order_repetition_and_pages_give_the_same_people(
    registry: RegistryWorld, events: list[CloudEvent], data: st.DataObject
) -> None:
    wanted = expected(events, registry.folding.authorities)
    await (await emptied(registry)).apply(*events)
    assert await registry.states(gone_in(events)) == wanted
    await assert_whole(registry, events)
    again = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=4))))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(again) - 1), max_size=4)))
    await emptied(registry)
    for start, end in zip([0, *cuts], [*cuts, len(again)], strict=True):
        await registry.apply(*again[start:end])
    assert await registry.states(gone_in(events)) == wanted
    await assert_whole(registry, events)


@given(histories(10), st.data())
@BOUNDED
async def test_several_followers_at_once_give_the_same_people(
    registry: RegistryWorld, events: list[CloudEvent], data: st.DataObject
) -> None:
    await emptied(registry)
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=2))
    pages: list[list[CloudEvent]] = [[], [], [], []]
    for event, page in zip(repeated, data.draw(st.lists(st.integers(0, 3), min_size=len(repeated))), strict=False):
        pages[page].append(event)
    await registry.together(*(page for page in pages if page))
    assert await registry.states(gone_in(events)) == expected(events, registry.folding.authorities)
    await assert_whole(registry, events)
