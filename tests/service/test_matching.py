"""New people are compared with those who may be the same: certain pairs are merged, possible ones asked of a clerk."""

import asyncio
from typing import Any

import pytest

from services.registry.blocks.handlers import Blinding
from services.registry.identity.weights import current
from services.registry.matching import repository as sql
from services.registry.matching.handlers import PAGE, Matching
from services.registry.reviews.rules import MACHINE
from services.registry.worker import matches
from shared.db import transaction
from tests.histories import certificate, number
from tests.line import until
from tests.registry_world import RegistryWorld
from tests.reviews_world import Desk
from tests.service.test_reviews import people_of, registered, whole

pytest_plugins = ["tests.registry", "tests.reviews"]


def by_passport(value: str, name: str = "李伟", issuer: str | None = "CHN", **more: Any) -> dict[str, Any]:
    passport = {"type": "passport", "value": value} | ({"issuer": issuer} if issuer else {})
    return {"identifiers": [passport], "name": name, "sex": "male", "birth_date": "1990-05-17"} | more


# One report does not say who issued the passport, and all else agrees; the third has a number of another kind.
WEI, UNISSUED = by_passport("E7712345"), by_passport("E7712345", issuer=None)
NEIGHBOUR = by_passport("", identifiers=[number(1)])


@pytest.fixture
def matching(registry: RegistryWorld) -> Matching:
    """A worker that compares."""
    return Matching(registry.service.pool, registry.folding, Blinding(registry.service.ring))


async def rest(matching: Matching) -> None:
    """Compare until nobody is left."""
    while await matching.step():
        pass


async def test_a_certain_pair_is_merged_by_the_machine_which_is_written_down(desk: Desk, matching: Matching) -> None:
    registry = desk.registry
    await registry.apply(registered("h1", WEI))
    await rest(matching)
    await registry.apply(registered("h2", UNISSUED))
    await rest(matching)
    assert await people_of(registry) == {frozenset({"h1", "h2"})}
    (closed,) = await desk.reviews("possible-match", "decided")
    (decided,) = (await desk.shown(closed["review"]))["decided"]
    assert (decided["kind"], decided["subject"], decided["weights"]) == ("merge", MACHINE, str(current().version))
    assert len(await registry.told(kind="merged")) == 1
    assert await registry.count("to_compare") == 0
    await whole(registry)


async def test_who_asks_for_a_pair_that_is_certain_does_not_decide_it(desk: Desk, matching: Matching) -> None:
    """The pair waits for the machine when the clerk asks; then it is certain no more, and left to another clerk."""
    registry = desk.registry
    events = [registered("h1", WEI), registered("h2", UNISSUED)]
    await registry.apply(*events)
    pool = registry.service.pool
    async with pool.acquire() as connection:
        rows = await sql.queued(connection, 20)
        found = await matching.compare(connection, [row["person_id"] for row in rows])
    async with transaction(pool) as connection:
        await matching.propose(connection, found)
    async with pool.acquire() as connection:
        (certain,) = await sql.certain(connection, MACHINE, 20)
    people = [await registry.reference("public-security", event) for event in events]
    asked = await desk.post("/v1/reviews", {"ask": "merge", "people": people, "reason": "one man"})
    assert asked.json()["review"] == str(certain["review_id"])
    async with transaction(pool) as connection:
        await sql.leave(connection, certain["review_id"], MACHINE)
    review = await desk.shown(asked.json()["review"])
    assert review["explanation"][-1]["said"] == "one man"
    await desk.decide(review, "merge", status=403)
    await desk.decide(review, "merge", who={"subject": "clerk-2"})
    assert await people_of(registry) == {frozenset({"h1", "h2"})}


async def test_what_the_machine_merged_can_be_undone_and_is_not_merged_again(desk: Desk, matching: Matching) -> None:
    registry = desk.registry
    events = [registered("h1", WEI), registered("h2", UNISSUED)]
    await registry.apply(*events)
    former = await registry.reference("public-security", events[1])
    await rest(matching)
    asked = await desk.post("/v1/reviews", {"ask": "undo", "people": [former], "reason": "two travellers"})
    review = await desk.shown(asked.json()["review"])
    await desk.decide(review, "undo", who={"subject": "clerk-2"})
    await rest(matching)
    await registry.apply(registered("h3", by_passport("E7712345", issuer=None, sex="unknown")))
    await registry.apply(registered("h4", UNISSUED | {"name": "李玮"}, minute=1))
    await rest(matching)
    assert await people_of(registry) == {frozenset({"h1"}), frozenset({"h2", "h3", "h4"})}
    assert await desk.reviews() == []


async def test_a_possible_pair_is_one_review_explained_field_by_field(desk: Desk, matching: Matching) -> None:
    registry = desk.registry
    await registry.apply(registered("h1", WEI), registered("h2", NEIGHBOUR))
    await rest(matching)
    (listed,) = await desk.reviews("possible-match")
    assert not listed["asked"]
    shown = await desk.shown(listed["review"])
    assert {each["name"] for each in shown["candidates"]} == {"李伟"}
    said = {each["field"]: (each["level"], each["weight"]) for each in shown["explanation"]}
    assert said["name"][0] == said["birth_date"][0] == "exact"
    assert said["rule"] == ("neighbours", None)
    assert shown["score"] < current().certain
    stored = await registry.service.pool.fetchval("SELECT explanation FROM review")
    assert b"neighbours" not in stored
    assert await people_of(registry) == {frozenset({"h1"}), frozenset({"h2"})}


async def test_a_pair_that_a_clerk_separated_never_comes_again(desk: Desk, matching: Matching) -> None:
    registry = desk.registry
    await registry.apply(registered("h1", WEI), registered("h2", NEIGHBOUR))
    await rest(matching)
    (listed,) = await desk.reviews()
    await desk.decide(await desk.shown(listed["review"]), "separate")
    await registry.apply(registered("h3", WEI | {"sex": "unknown"}), registered("h4", NEIGHBOUR | {"name": "李 伟"}))
    await registry.apply(registered("h5", WEI | {"name": "李玮"}, minute=1))
    await rest(matching)
    assert await desk.reviews() == []
    assert await people_of(registry) == {frozenset({"h1", "h3", "h5"}), frozenset({"h2", "h4"})}


async def test_a_clerk_merges_a_possible_pair(desk: Desk, matching: Matching) -> None:
    registry = desk.registry
    await registry.apply(registered("h1", WEI), registered("h2", NEIGHBOUR))
    await rest(matching)
    (listed,) = await desk.reviews()
    await desk.decide(await desk.shown(listed["review"]), "merge")
    await registry.apply(registered("h3", WEI), registered("h4", NEIGHBOUR))
    await rest(matching)
    assert await people_of(registry) == {frozenset({"h1", "h2", "h3", "h4"})}
    assert await desk.reviews() == []
    await whole(registry)


async def test_namesakes_of_one_day_with_certificates_in_series_are_left_to_a_clerk(
    desk: Desk, matching: Matching
) -> None:
    babies = [by_passport("", identifiers=[certificate(f"Q37000000{n}")]) for n in (1, 2)]
    await desk.registry.apply(*(registered(f"h{n}", each) for n, each in enumerate(babies)))
    await rest(matching)
    assert await people_of(desk.registry) == {frozenset({"h0"}), frozenset({"h1"})}
    assert len(await desk.reviews("possible-match")) == 1


async def test_namesakes_of_one_day_with_passports_in_series_are_left_to_a_clerk(
    desk: Desk, matching: Matching
) -> None:
    await desk.registry.apply(*(registered(f"h{n}", by_passport(f"E771234{n}")) for n in (5, 6)))
    await rest(matching)
    assert await people_of(desk.registry) == {frozenset({"h5"}), frozenset({"h6"})}
    assert len(await desk.reviews("possible-match")) == 1


async def test_people_who_are_nothing_alike_are_nobodys_business(desk: Desk, matching: Matching) -> None:
    await desk.registry.apply(
        registered("h1", WEI), registered("h2", by_passport("K1", "赵红", birth_date="1950-01-02"))
    )
    await rest(matching)
    assert await desk.registry.count("review") == 0


async def test_comparing_goes_on_slowly_while_there_is_a_backlog(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(*(registered(f"h{n}", by_passport(f"K{n}", f"赵{n}")) for n in range(PAGE + 5)))
    backlog = asyncio.Event()
    backlog.set()
    task = asyncio.create_task(matches(registry.service, registry.folding, backlog.is_set))
    try:
        await until(lambda: left(registry, 5), "one page is compared")
        assert await registry.count("to_compare") == 5
        backlog.clear()
        await until(lambda: left(registry, 0), "everyone is compared")
    finally:
        task.cancel()


async def left(registry: RegistryWorld, people: int) -> bool:
    """Whether no more than so many people are to be compared."""
    return await registry.count("to_compare") <= people


async def test_sixteen_workers_at_once_merge_and_ask_each_pair_once(desk: Desk, matching: Matching) -> None:
    registry = desk.registry
    names = ["李伟", "王芳", "赵红", "孙丽", "周杰", "吴静"]
    events = []
    for n, name in enumerate(names):
        events.append(registered(f"a{n}", by_passport(f"E{n}{n}{n}1345", name)))
        events.append(registered(f"b{n}", by_passport(f"E{n}{n}{n}1345", name, issuer=None)))
        events.append(registered(f"c{n}", by_passport("", name, identifiers=[number(2 * n + 1)])))
    await registry.together(*([event] for event in events))
    workers = [Matching(matching.pool, matching.folding, matching.blinding) for _ in range(16)]
    await asyncio.gather(*(rest(worker) for worker in workers))
    await rest(matching)
    merged = {frozenset({f"a{n}", f"b{n}"}) for n in range(len(names))}
    assert await people_of(registry) == merged | {frozenset({f"c{n}"}) for n in range(len(names))}
    assert len(await registry.told(kind="merged")) == len(names)
    open_ = await desk.reviews("possible-match")
    assert len(open_) == len(names), "one for each pair that is possible"
    await whole(registry)


async def test_sixteen_reporters_of_one_person_make_one_person(desk: Desk) -> None:
    registry = desk.registry
    await registry.together(*([registered(f"h{n}", WEI)] for n in range(16)))
    assert await registry.count("person") == 1
