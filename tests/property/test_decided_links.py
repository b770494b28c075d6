"""With the same decisions, any order and repetition of the same events gives the same people: what was decided is part
of the fold of links, and a registry that is fed anew needs no clerk again."""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.registry.facts.state import PersonState
from services.registry.facts.values import Mention
from tests.histories import BORN, TOWN, household, number
from tests.property.test_registry_order import emptied
from tests.registry_world import CloudEvent, RegistryWorld, receipt_of, says
from tests.reviews_world import Desk
from tests.service.test_reviews import whole

pytest_plugins = ["tests.registry", "tests.reviews"]

BOUNDED = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
DECIDED = "link_decision, decided_record, review, held_number, person_alias, to_compare"
PASSPORT = {"type": "passport", "value": "P77", "issuer": "CHN"}

# Three people share one number; the second and the third are born on one day, as twins are. One has a passport, too.
DESCRIBED: tuple[dict[str, Any], ...] = (
    {"name": "Li Wei", "birth_date": str(BORN)},
    {"name": "Zhao Hong", "birth_date": "1985-03-02"},
    {"name": "Zhao Lan", "birth_date": "1985-03-02"},
)


@st.composite
def histories(draw: st.DrawFn) -> list[CloudEvent]:
    """Registrations of the three, in any order, some of them by passport as well."""
    events = []
    for n, who in enumerate(draw(st.lists(st.integers(0, 2), min_size=3, max_size=7))):
        also = [PASSPORT] if who == 0 and draw(st.booleans()) else []
        person = {"identifiers": [number(1), *also], "sex": "female", **DESCRIBED[who]}
        data = {"person": person, **household(TOWN, number_=f"H{n}")}
        events.append(says("household.registered", f"e{n}", data, minute=n))
    return events


def whose(event: CloudEvent) -> str:
    name: str = event["data"]["person"]["name"]
    return name


async def decide_all(desk: Desk) -> None:
    """Decide as one who knows the three: a record is whose name it bears, or a new person's."""
    while open_ := await desk.reviews():
        review = await desk.shown(open_[0]["review"])
        (question,) = review["questions"]
        known = {
            record["name"]: candidate["reference"]
            for candidate in review["candidates"]
            for record in candidate["records"]
        }
        mine = known.get(question["record"]["name"])
        await desk.decide(review, "link" if mine else "separate", to={"person": mine} if mine else {})


async def canonical_states(registry: RegistryWorld) -> dict[Mention, PersonState]:
    return await registry.states()


async def fed(registry: RegistryWorld, events: Sequence[CloudEvent], cuts: Sequence[int]) -> None:
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        if events[start:end]:
            await registry.apply(*events[start:end])


@given(histories(), st.data())
@BOUNDED
async def test_the_same_decisions_give_the_same_people_in_any_order(
    desk: Desk, events: list[CloudEvent], data: st.DataObject
) -> None:
    registry = desk.registry
    await registry.service.pool.execute(f"TRUNCATE {DECIDED} CASCADE")
    await emptied(registry)
    for event in events:
        await registry.apply(event)
    await decide_all(desk)
    wanted = await canonical_states(registry)
    again = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=3))))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(again) - 1), max_size=4)))
    kept = {
        table: await registry.service.pool.fetch(f"SELECT * FROM {table}")
        for table in ("link_decision", "decided_record")
    }
    await emptied(registry)
    assert await registry.count("person") == 0
    for table, rows in kept.items():
        assert await registry.count(table) == len(rows), "what was decided does not go with the people"
    await fed(registry, again, cuts)
    assert await canonical_states(registry) == wanted
    assert await registry.count("held_event") == 0
    applied = [each["receipt"] for each in await registry.told(kind="outcome") if each["status"] == "applied"]
    assert sorted(applied) == sorted({str(receipt_of(event)) for event in events})
    await whole(registry)
