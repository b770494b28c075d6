"""A clerk asks that somebody be split who is in no review; another one says which records are somebody else's."""

import asyncio
from datetime import timedelta
from typing import Any

from services.registry.protection import repository as protection
from shared import clock
from shared.crypto.references import read
from shared.db import transaction
from tests.departments_world import Line
from tests.exchange_world import Exchange
from tests.histories import OTHER_TOWN, TOWN, number, person
from tests.registry_world import CloudEvent, RegistryWorld, looking_up, says
from tests.reviews_world import REVIEWERS, Desk, Json
from tests.service.test_reviews import people_of, registered, somebody, whole

pytest_plugins = ["tests.registry", "tests.reviews", "tests.exchange", "tests.departments"]

WEI, LAN = somebody(1, "Li Wei"), somebody(1, "Li Lan")
FIRST, SECOND = registered("h1", WEI), registered("h2", LAN, OTHER_TOWN, minute=1)


async def asked(desk: Desk, event: CloudEvent, **who: Any) -> Json:
    """Ask that the person of an event be split; gives the review as another clerk sees it."""
    reference = await desk.registry.reference(REVIEWERS, event)
    body = {"ask": "split", "people": [reference], "reason": "two sisters under one number"}
    answer = await desk.post("/v1/reviews", body, **who)
    assert answer.status_code == 201, answer.text
    return await desk.shown(answer.json()["review"])


def named(review: Json, name: str) -> list[str]:
    """How a decision names the records of that name."""
    (candidate,) = review["candidates"]
    return [record["about"] for record in candidate["records"] if record["name"] == name]


async def test_who_turns_out_to_be_two_is_split_by_another_clerk_and_stays_so(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    assert await people_of(registry) == {frozenset({"h1", "h2"})}, "one number and one birthday: a changed name"
    together = await registry.now()
    first = await registry.reference(REVIEWERS, FIRST)
    review = await asked(desk, FIRST)
    assert (review["kind"], review["asked"]) == ("split-asked", True)
    leaving = named(review, "Li Lan")
    refused = await desk.decide(review, "split", leaving=leaving, status=403)
    assert refused["type"] == "/errors#four-eyes"
    await desk.decide(review, "split", leaving=leaving, who={"subject": "clerk-2"})
    assert await people_of(registry) == {frozenset({"h1"}), frozenset({"h2"})}
    (told,) = await registry.told(kind="split")
    assert told["from"][REVIEWERS] == first
    second = told["into"][REVIEWERS]
    await registry.apply(registered("h3", LAN), registered("h4", WEI))
    assert await people_of(registry) == {frozenset({"h1", "h4"}), frozenset({"h2", "h3"})}
    await whole(registry)
    seen = await desk.api.get(f"/v1/people/{first}", REVIEWERS, known_at=together)
    assert seen.json()["fields"]["registered_area"] == OTHER_TOWN, "as the two were known to be one"
    assert (await desk.api.get(f"/v1/people/{second}", REVIEWERS)).json()["fields"]["name"] == "Li Lan"
    assert (await desk.api.get(f"/v1/people/{second}", REVIEWERS, known_at=together)).status_code == 404
    (row,) = await registry.service.pool.fetch("SELECT subject, action FROM access_log WHERE action = 'review-asked'")
    assert row["subject"] == "clerk-1"


async def test_what_a_record_replaced_goes_with_it(desk: Desk) -> None:
    registry = desk.registry
    wrong = registered("h2", somebody(1, "Li Lna"), OTHER_TOWN, minute=1)
    fixed = registered("h3", LAN, OTHER_TOWN, action="corrected", of="h2", minute=2)
    await registry.apply(FIRST, wrong)
    await registry.apply(fixed)
    review = await asked(desk, FIRST)
    await desk.decide(review, "split", leaving=named(review, "Li Lan"), who={"subject": "clerk-2"})
    assert await people_of(registry) == {frozenset({"h1"}), frozenset({"h2", "h3"})}
    await registry.apply(registered("h4", LAN, action="corrected", of="h3", minute=3))
    assert await people_of(registry) == {frozenset({"h1"}), frozenset({"h2", "h3", "h4"})}
    await whole(registry)


async def test_a_request_can_be_turned_down_and_an_answer_must_fit(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    review = await asked(desk, FIRST)
    other = {"subject": "clerk-2"}
    both = named(review, "Li Wei") + named(review, "Li Lan")
    for leaving in ([], both, ["0123456789abcdef"]):
        await desk.decide(review, "split", leaving=leaving, who=other, status=422)
    await desk.decide(review, "merge", leaving=both[:1], who=other, status=422)
    await desk.decide(review, "separate", who=other, status=422)
    assert await registry.count("link_decision") == 0
    again = await asked(desk, SECOND, subject="clerk-3")
    assert again["review"] == review["review"], "one review, however many ask"
    await desk.decide(review, "merge", who=other)
    assert await people_of(registry) == {frozenset({"h1", "h2"})}
    assert await desk.reviews() == []


async def test_two_who_are_asked_to_be_split_are_one_person(desk: Desk) -> None:
    await desk.registry.apply(FIRST, registered("h9", person(3, "Zhao Hong")))
    references = [await desk.registry.reference(REVIEWERS, each) for each in (FIRST, registered("h9", None))]
    body = {"ask": "split", "people": references, "reason": "two sisters"}
    assert (await desk.post("/v1/reviews", body)).status_code == 422


async def test_of_sixteen_answers_at_once_one_splits(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    review = await asked(desk, FIRST)
    body = {
        "decision": "split",
        "leaving": named(review, "Li Lan"),
        "reason": "two sisters",
        "version": review["version"],
    }
    path = f"/v1/reviews/{review['review']}/decision"
    answers = await asyncio.gather(*(desk.post(path, body, subject=f"other-{n}") for n in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 15
    assert await registry.count("person") == 2
    assert len(await registry.told(kind="split")) == 1
    await whole(registry)


async def test_a_merge_asked_for_while_the_two_become_one_leaves_no_review_that_nobody_can_decide(desk: Desk) -> None:
    registry = desk.registry
    people = [registered("h1", person(1, "Li Wei")), registered("h2", somebody(3, "Li Wei", identifiers=[PASSPORT]))]
    await registry.apply(*people)
    references = [await registry.reference(REVIEWERS, each) for each in people]
    joining = registered("h3", person(1, "Li Wei", also=[PASSPORT]))
    body = {"ask": "merge", "people": references, "reason": "same papers"}
    await asyncio.gather(
        registry.apply(joining), *(desk.post("/v1/reviews", body, subject=f"clerk-{n}") for n in range(15))
    )
    assert await people_of(registry) == {frozenset({"h1", "h2", "h3"})}
    assert await desk.reviews() == []


PASSPORT = {"type": "passport", "value": "E7712345", "issuer": "CHN"}


async def test_where_a_protected_person_lives_is_not_seen_in_a_review(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    shown = await asked(desk, FIRST)
    assert shown["candidates"][0]["registered_area"] == OTHER_TOWN
    hidden = read(registry.service.ring, REVIEWERS, await registry.reference(REVIEWERS, FIRST))
    async with transaction(registry.service.pool, one_moment=True) as connection:
        new = await protection.new_id(connection)
        until = clock.today() + timedelta(days=30)
        await protection.add(
            connection, protection.NewProtection(new, hidden, "civil-affairs", b"sealed", "worker", until)
        )
    shown = await desk.shown(shown["review"])
    assert shown["candidates"][0]["registered_area"] is None
    assert shown["candidates"][0]["name"] == "Li Lan"
    assert OTHER_TOWN not in str(shown)


async def test_who_was_given_what_the_other_ones_records_said_hears_what_is_right(
    line: Line, registry: RegistryWorld, exchange: Exchange, issuer: Any
) -> None:
    """Health reported a death of the one, and was told the other's name and town as hers."""
    death = {"person": WEI, "certificate_number": "D1"}
    died = says("death.certified", "d1", death, "2024-05-01", department="health")
    await line.report(FIRST, SECOND, died)
    async with looking_up(registry, issuer) as api:
        desk = Desk(registry, api)
        before: dict[str, object] = {}
        for each in await line.feed("health", "person.changed"):
            before |= each["data"]["changed"]
        review = await asked(desk, FIRST)
        await desk.decide(review, "split", leaving=named(review, "Li Lan"), who={"subject": "clerk-2"})
    await line.rest()
    assert before["name"] == "Li Lan"
    reference = await registry.reference("health", died)
    told = [each for each in await line.feed("health", "value.corrected") if each["subject"] == reference]
    corrected: dict[str, object] = {}
    for each in told:
        corrected |= each["data"]["corrected"]
    assert corrected["name"] == "Li Wei"
    assert (await registry.named("Li Lan")).died_on is None
    assert number(1)["value"] == (await registry.named("Li Lan")).identity_number
    assert (await registry.named("Li Wei")).registered_area == TOWN
