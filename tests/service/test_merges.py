"""Merges that clerks decide, and their undoing: links on both time axes, references, receivers."""

from typing import Any

from services.alerts.directory.repository import names_of
from tests.alerts_world import IN_DONGMING, World
from tests.alerts_world import merged as told_merged
from tests.alerts_world import person as alerts_person
from tests.departments_world import Line
from tests.exchange_world import Exchange
from tests.histories import OTHER_TOWN, TOWN, certificate, number, person
from tests.registry_world import CloudEvent, RegistryWorld, looking_up, says
from tests.reviews_world import Desk
from tests.service.test_reviews import people_of, registered, somebody, whole

pytest_plugins = ["tests.registry", "tests.reviews", "tests.exchange", "tests.departments", "tests.alerts"]

ONE, OTHER = somebody(1, "Li Wei"), somebody(3, "Li Wei")
FIRST, SECOND = registered("h1", ONE), registered("h2", OTHER, OTHER_TOWN)


async def merged(desk: Desk, one: CloudEvent = FIRST, other: CloudEvent = SECOND) -> tuple[str, str]:
    """Let one clerk ask for a merge and another decide it; gives the reference that goes on, and the former one."""
    first, second = [await desk.registry.reference("public-security", each) for each in (one, other)]
    asked = await desk.post("/v1/reviews", {"ask": "merge", "people": [second, first], "reason": "same papers"})
    assert asked.status_code == 201, asked.text
    review = await desk.shown(asked.json()["review"])
    assert {each["reference"] for each in review["candidates"]} == {first, second}
    said = await desk.decide(review, "merge", status=403)
    assert said["type"] == "/errors#four-eyes"
    await desk.decide(review, "merge", who={"subject": "clerk-2"})
    return first, second


async def questioned(desk: Desk, former: str) -> dict[str, Any]:
    asked = await desk.post("/v1/reviews", {"ask": "undo", "people": [former], "reason": "two brothers"})
    assert asked.status_code == 201, asked.text
    return await desk.shown(asked.json()["review"])


async def test_two_people_are_merged_and_what_follows_is_theirs(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    both = registered("h3", person(1, "Li Wei", also=[number(3)]))
    await registry.apply(both)
    assert await registry.outcomes(both) == [("held", "identity-ambiguous")]
    await merged(desk)
    assert await people_of(registry) == {frozenset({"h1", "h2", "h3"})}, "what was ambiguous is clear now"
    assert len(await registry.told(kind="merged")) == 1
    await registry.apply(registered("h4", ONE), registered("h5", OTHER))
    assert await people_of(registry) == {frozenset({"h1", "h2", "h3", "h4", "h5"})}
    assert await desk.reviews() == []
    await whole(registry)


async def test_an_undone_merge_restores_both_people_and_is_part_of_what_was_known(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    before, _ = await registry.people()
    apart = await registry.now()
    first, second = await merged(desk)
    together = await registry.now()
    review = await questioned(desk, second)
    assert review["kind"] == "merge-questioned"
    assert review["partings"][0]["pieces"] == [[2], [1], []]
    await desk.decide(review, "undo", status=403)
    await desk.decide(review, "undo", who={"subject": "clerk-2"})
    after, _ = await registry.people()
    assert after == before, "the same ids with the same states"
    assert await desk.reviews() == []
    await whole(registry)
    for reference, area in ((first, TOWN), (second, OTHER_TOWN)):
        for known_at, seen in ((apart, area), (together, OTHER_TOWN), (None, area)):
            asked: dict[str, Any] = {} if known_at is None else {"known_at": known_at}
            found = await desk.api.get(f"/v1/people/{reference}", "public-security", **asked)
            assert found.json()["fields"]["registered_area"] == seen
    await registry.apply(registered("h8", ONE), registered("h9", OTHER))
    assert await people_of(registry) == {frozenset({"h1", "h8"}), frozenset({"h2", "h9"})}


async def test_records_that_came_after_the_merge_go_to_review_and_may_be_moved(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    first, second = await merged(desk)
    await registry.apply(registered("h3", OTHER), registered("h4", person(1, "Li Wei", also=[number(3)])))
    review = await questioned(desk, second)
    await desk.decide(review, "undo", who={"subject": "clerk-2"})
    assert await people_of(registry) == {frozenset({"h1", "h4"}), frozenset({"h2", "h3"})}
    (listed,) = await desk.reviews("records-after-merge")
    shown = await desk.shown(listed["review"])
    assert [question["reason"] for question in shown["questions"]] == ["attached-after-merge"] * 2
    to = {question["about"]: second for question in shown["questions"]}
    await desk.decide(shown, "link", to=to)
    assert await people_of(registry) == {frozenset({"h1"}), frozenset({"h2", "h3", "h4"})}
    await whole(registry)
    assert first != second


async def test_a_merge_made_by_a_record_can_be_undone_and_that_record_is_asked_for(desk: Desk) -> None:
    registry = desk.registry
    by_number = somebody(5, "Wang An")
    by_paper = by_number | {"identifiers": [certificate("C1")]}
    events = [registered("h1", by_number), registered("h2", by_paper)]
    await registry.apply(events[0])
    await registry.apply(events[1])
    former = await registry.reference("public-security", events[1])
    await registry.apply(registered("h3", by_number | {"identifiers": [number(5), certificate("C1")]}))
    assert len(await registry.told(kind="merged")) == 1
    await desk.decide(await questioned(desk, former), "undo", who={"subject": "clerk-2"})
    assert await people_of(registry) == {frozenset({"h1", "h3"}), frozenset({"h2"})}
    assert await registry.reference("public-security", events[1]) == former
    (split,) = await registry.told(kind="split")
    assert split["into"]["public-security"] == former
    await registry.apply(registered("h4", by_paper), registered("h5", by_number))
    assert await registry.count("held_event") == 1, "the paper is contested, and both are described alike"
    await whole(registry)


async def test_a_correction_that_parts_somebody_gives_the_former_reference_back(desk: Desk) -> None:
    registry = desk.registry
    by_number = somebody(5, "Wang An")
    by_both = by_number | {"identifiers": [number(5), certificate("C1")]}
    by_paper = by_number | {"identifiers": [certificate("C1")]}
    one, other = registered("h1", by_number), registered("h2", by_paper, OTHER_TOWN)
    await registry.apply(one)
    await registry.apply(other)
    former = await registry.reference("public-security", other)
    await registry.apply(registered("h3", by_both))
    fixed = registered("h4", by_number, action="corrected", of="h3", minute=1)
    await registry.apply(fixed)
    await desk.decide(await desk.of(fixed), "split")
    assert await people_of(registry) == {frozenset({"h1", "h3", "h4"}), frozenset({"h2"})}
    assert await registry.reference("public-security", other) == former
    assert (await registry.outcomes(fixed))[-1] == ("applied", None)
    await registry.apply(registered("h5", by_paper), registered("h6", by_number))
    assert await people_of(registry) == {frozenset({"h1", "h3", "h4", "h6"}), frozenset({"h2", "h5"})}
    await whole(registry)


async def test_receivers_hear_of_a_split_once_with_what_moves_and_both_are_told_anew(
    line: Line, registry: RegistryWorld, exchange: Exchange, issuer: Any
) -> None:
    """Health reported on one of the two, civil affairs on the other; public security registers both."""
    born = {"certificate_number": "D1"}
    death = says("death.certified", "d1", {"person": OTHER, **born}, "2024-03-01", department="health")
    await line.report(FIRST)
    await line.report(SECOND, death)
    async with looking_up(registry, issuer) as api:
        desk = Desk(registry, api)
        first, second = await merged(desk)
        await line.rest()
        review = await questioned(desk, second)
        await desk.decide(review, "undo", who={"subject": "clerk-2"})
    await line.rest()
    (police,) = await line.feed("public-security", "person.split")
    assert (police["data"]["split"], police["data"]["into"]) == (first, second)
    (moved,) = police["data"]["moved"]
    feed = await line.feed("public-security")
    named = feed[moved["position"] - 1]
    assert (named["type"], named["data"]["id"]) == ("cn.tenfold.receipt.changed.v1", "h2")
    (health,) = await line.feed("health", "person.split")
    assert health["data"]["into"] == await registry.reference("health", death)
    after = [each for each in feed[feed.index(police) :] if each["type"] == "cn.tenfold.person.changed.v1"]
    told = {each["subject"]: each["data"]["changed"] for each in after}
    assert told[first]["registered_area"] == TOWN
    assert told[second]["registered_area"] == OTHER_TOWN
    assert "died_on" not in {name for name, value in told[first].items() if value is not None}
    ended = [each for each in await line.feed("health", "case.changed") if each["data"]["status"] == "ended"]
    assert [each["data"]["reason"] for each in ended] == ["nothing-reported"]


async def test_alerts_knows_a_former_name_as_a_person_again_with_the_names_that_were_its_own(world: World) -> None:
    told = [alerts_person("a"), alerts_person("b"), alerts_person("c"), told_merged("c", "b"), told_merged("b", "a")]
    split: dict[str, object] = {"kind": "split", "from": "a", "into": "b", "former": ["c"]}
    await world.tell(*told, split, alerts_person("b", area=IN_DONGMING))
    await world.hear(world.told)  # a feed that is read again says the same
    async with world.alerts.service.pool.acquire() as connection:
        assert await names_of(connection, ["a"]) == ["a"]
        assert sorted(await names_of(connection, ["c"])) == ["b", "c"]
        assert await connection.fetchval("SELECT area FROM directory_person WHERE reference = 'b'") == IN_DONGMING
