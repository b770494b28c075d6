"""A held event waits for a clerk, who decides whose it is; what was decided stands for ever after."""

import asyncio
from datetime import timedelta

import pytest

from services.registry.blocks.handlers import Blinding
from services.registry.facts.deadlines import reject_overdue
from services.registry.facts.handlers import HELD_FOR
from services.registry.facts.rebuild import Rebuild
from services.registry.matching.handlers import Matching
from shared import clock
from tests.histories import OTHER_TOWN, TOWN, certificate, household, number, person
from tests.registry_world import CloudEvent, RegistryWorld, receipt_of, says
from tests.reviews_world import Desk

pytest_plugins = ["tests.registry", "tests.reviews"]


def somebody(sequence: int, name: str, born: str = "1990-05-17", **more: object) -> dict[str, object]:
    return person(sequence, name) | {"birth_date": born} | more


def registered(id_: str, who: object, area: str = TOWN, **more: object) -> CloudEvent:
    return says("household.registered", id_, {"person": who, **household(area, number_=f"H{id_}")}, **more)  # type: ignore[arg-type]


WEI = somebody(1, "Li Wei")
HONG = somebody(1, "Zhao Hong", "1985-03-02")
FIRST, SECOND = registered("h1", WEI), registered("h2", HONG)


async def whole(registry: RegistryWorld) -> None:
    """The derived tables are what facts and links give."""
    rebuild = Rebuild(registry.folding.vault, registry.folding.authorities, page=3)
    async with registry.service.pool.acquire() as connection:
        stored, rebuilt = await rebuild.compare(connection)
    assert stored.person == rebuilt.person
    assert stored.residency == rebuilt.residency
    assert stored.identifier_index == rebuilt.identifier_index


async def people_of(registry: RegistryWorld) -> set[frozenset[str]]:
    """Which events are one person's."""
    _, links = await registry.people()
    found: dict[object, set[str]] = {}
    for mention, who in links.items():
        found.setdefault(who, set()).add(mention[1])
    return {frozenset(ids) for ids in found.values()}


async def test_a_clerk_is_not_told_of_an_adoption(desk: Desk) -> None:
    child = FIRST["data"]["person"]
    adopted = {"child": child, "adopters": [somebody(8, "Sun Li", "1980-01-01")], "certificate_number": "A1"}
    died = {"person": child, "certificate_number": "D1"}
    await desk.registry.apply(FIRST, says("adoption.registered", "a1", adopted, "2024-03-01"))
    await desk.registry.apply(says("death.certified", "d1", died, "2024-03-02", department="health"))
    await desk.registry.apply(SECOND)
    (listed,) = await desk.reviews("ambiguous-identity")
    shown = await desk.shown(listed["review"])
    (candidate,) = shown["candidates"]
    named = {(record["department"], record["effective_on"]) for record in candidate["records"]}
    assert named == {("public-security", "2024-01-15"), (None, None)}, "of the others' no record looks unlike another"
    assert len(candidate["records"]) == 3
    text = str(shown)
    assert [word for word in ("adoption", "civil-affairs", "2024-03-01", "health") if word in text] == []


async def test_a_held_event_is_a_review_with_both_sides_and_every_look_is_written_down(desk: Desk) -> None:
    await desk.registry.apply(FIRST)
    await desk.registry.apply(SECOND)
    (listed,) = await desk.reviews("ambiguous-identity")
    assert (listed["standing"], listed["asked"]) == ("open", False)
    shown = await desk.shown(listed["review"])
    (question,), (candidate,) = shown["questions"], shown["candidates"]
    assert (question["reason"], question["record"]["name"]) == ("shared-number", "Zhao Hong")
    assert (candidate["name"], candidate["birth_date"]) == ("Li Wei", "1990-05-17")
    assert question["candidates"] == [candidate["reference"]]
    assert [record["department"] for record in candidate["records"]] == ["public-security"]
    rows = await desk.registry.service.pool.fetch("SELECT subject, purpose, action, fields FROM access_log")
    assert [(row["subject"], row["purpose"], row["action"]) for row in rows] == [
        ("clerk-1", "identity-review", "review")
    ]
    assert {"name", "identity_number", "records"} <= set(rows[0]["fields"])


async def test_separate_makes_a_new_person_and_later_events_follow_without_a_clerk(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    await desk.separate(SECOND)
    assert await registry.outcomes(SECOND) == [("held", "identity-ambiguous"), ("applied", None)]
    assert await people_of(registry) == {frozenset({"h1"}), frozenset({"h2"})}
    await registry.apply(registered("h3", HONG, OTHER_TOWN), registered("h4", WEI))
    assert await people_of(registry) == {frozenset({"h1", "h4"}), frozenset({"h2", "h3"})}
    assert await registry.count("held_event") == await registry.count("held_number") == 0
    third = registered("h5", somebody(1, "Sun Li", "1999-01-01"))
    await registry.apply(third)
    assert (await desk.of(third))["questions"][0]["reason"] == "contested-number"
    await whole(registry)


async def test_a_correction_of_another_kind_of_event_is_rejected_for_good_and_shows_nobody(desk: Desk) -> None:
    registry = desk.registry
    death = {"person": WEI, "certificate_number": "D1"}
    moved = {"person": WEI, "permit_number": "P1", "from_area": TOWN, "to_area": OTHER_TOWN}
    died = says("death.certified", "d1", death, "2024-03-01", department="health")
    wrong = registered("h9", WEI, action="corrected", of="o1", minute=1)
    await registry.apply(FIRST, died, says("migration.departed", "o1", moved, "2024-02-01"), wrong)
    assert await registry.outcomes(wrong) == [("held", "supersedes-another-kind")]
    (listed,) = await desk.reviews("supersedes-another-kind")
    shown = await desk.shown(listed["review"])
    assert (shown["candidates"], shown["questions"], shown["due"] is not None) == ([], [], True)
    assert await registry.count("access_log") == 0
    for decision in ("link", "separate", "merge"):
        await desk.decide(shown, decision, status=422)
    await desk.decide(shown | {"version": "another"}, "reject", status=409)
    await desk.decide(shown, "reject")
    assert (await registry.outcomes(wrong))[-1] == ("rejected", "supersedes-another-kind")
    await desk.decide(shown, "reject", status=409)
    await registry.apply(wrong)
    assert len(await registry.outcomes(wrong)) == 2, "a rejected receipt never comes back"
    (closed,) = await desk.reviews("supersedes-another-kind", "decided")
    (decided,) = (await desk.shown(closed["review"]))["decided"]
    assert (decided["kind"], decided["subject"]) == ("reject", "clerk-1")


async def test_a_clerk_rejects_what_nobody_can_tell_whose_it_is(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    shown = await desk.of(SECOND)
    (candidate,) = shown["candidates"]
    to = {shown["questions"][0]["about"]: candidate["reference"]}
    await desk.decide(shown, "reject", to=to, status=422)
    await registry.apply(registered("h3", WEI))
    await desk.decide(shown, "reject", status=409)
    await desk.decide(await desk.of(SECOND), "reject")
    assert await registry.outcomes(SECOND) == [("held", "identity-ambiguous"), ("rejected", "identity-ambiguous")]
    assert await people_of(registry) == {frozenset({"h1", "h3"})}
    assert await registry.count("held_number") == await registry.count("decided_record") == 0
    (closed,) = await desk.reviews("ambiguous-identity", "decided")
    (decided,) = (await desk.shown(closed["review"]))["decided"]
    assert (decided["kind"], decided["subject"]) == ("reject", "clerk-1")
    await registry.apply(SECOND)
    await registry.apply(registered("h4", WEI))
    assert len(await registry.outcomes(SECOND)) == 2, "a rejected receipt never comes back"
    again = registered("h5", HONG)
    await registry.apply(again)
    assert (await desk.of(again))["kind"] == "ambiguous-identity", "nothing was decided about whose it is"


async def test_a_correction_that_would_part_somebody_may_be_rejected(desk: Desk) -> None:
    registry = desk.registry
    by_number = somebody(5, "Wang An")
    by_both = by_number | {"identifiers": [number(5), certificate("C1")]}
    by_paper = by_number | {"identifiers": [certificate("C1")]}
    await registry.apply(registered("h1", by_number), registered("h2", by_paper), registered("h3", by_both))
    fixed = registered("h4", by_number, action="corrected", of="h3", minute=1)
    await registry.apply(fixed)
    await desk.decide(await desk.of(fixed), "reject")
    assert (await registry.outcomes(fixed))[-1] == ("rejected", "identity-ambiguous")
    assert await people_of(registry) == {frozenset({"h1", "h2", "h3"})}
    await whole(registry)


async def test_a_page_that_tells_an_ambiguous_event_twice_holds_it_once(desk: Desk) -> None:
    await desk.registry.apply(FIRST)
    await desk.registry.apply(SECOND, SECOND)
    assert await desk.registry.outcomes(SECOND) == [("held", "identity-ambiguous")]
    assert len(await desk.reviews()) == 1


async def test_who_asks_what_the_machine_had_asked_does_not_decide_it(desk: Desk) -> None:
    registry = desk.registry
    one, other = registered("h1", somebody(1, "Li Wei")), registered("h2", somebody(3, "Li Wei"))
    await registry.apply(one, other)
    matching = Matching(registry.service.pool, registry.folding, Blinding(registry.service.ring))
    while await matching.step():
        pass
    (listed,) = await desk.reviews("possible-match")
    assert listed["asked"] is False
    people = [await registry.reference("public-security", each) for each in (one, other)]
    body = {"ask": "merge", "people": people, "reason": "one woman, two papers"}
    answer = await desk.post("/v1/reviews", body)
    assert (answer.status_code, answer.json()["review"]) == (201, listed["review"])
    shown = await desk.shown(listed["review"])
    assert shown["asked"] is True
    fields = [each["field"] for each in shown["explanation"]]
    assert {"asked", "name"} <= set(fields), "what the machine said stands beside"
    refused = await desk.decide(shown, "merge", status=403)
    assert refused["type"] == "/errors#four-eyes"
    await desk.decide(shown, "merge", who={"subject": "clerk-2"})


async def test_link_gives_the_record_to_a_candidate_and_later_events_of_both_descriptions_are_theirs(
    desk: Desk,
) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    await desk.link(SECOND, "Li Wei")
    await registry.apply(registered("h3", HONG), registered("h4", WEI))
    assert await people_of(registry) == {frozenset({"h1", "h2", "h3", "h4"})}
    (closed,) = await desk.reviews(standing="decided")
    decided = (await desk.shown(closed["review"]))["decided"]
    assert [(each["kind"], each["subject"], each["weights"]) for each in decided] == [("link", "clerk-1", None)]
    await whole(registry)


async def test_two_numbers_in_one_record_are_given_to_one_of_the_two_people_or_join_them(desk: Desk) -> None:
    registry = desk.registry
    one, other = registered("h1", person(1, "Li Wei")), registered("h2", person(3, "Li Wei"))
    both = registered("h3", person(1, "Li Wei", also=[number(3)]))
    await registry.apply(one, other)
    await registry.apply(both)
    review = await desk.of(both)
    assert {each["identity_number"] for each in review["candidates"]} == {number(1)["value"], number(3)["value"]}
    reference = await registry.reference("public-security", other)
    await desk.decide(review, "link", to={"person": reference})
    assert await people_of(registry) == {frozenset({"h1"}), frozenset({"h2", "h3"})}
    await registry.apply(registered("h4", person(1, "Li Wei")))
    again = await desk.of(registered("h4", None))
    await desk.decide(again, "merge")
    assert await people_of(registry) == {frozenset({"h1", "h2", "h3", "h4"})}
    assert len(await registry.told(kind="merged")) == 1
    await whole(registry)


async def test_two_roles_of_one_event_that_mean_one_person_are_two_after_a_decision(desk: Desk) -> None:
    registry = desk.registry
    passport = {"type": "passport", "value": "P77", "issuer": "CHN"}
    fang = somebody(2, "Wang Fang", identifiers=[passport])
    spouses = [person(1, "Li Wei"), fang]
    wedding = says("marriage.registered", "m1", {"spouses": spouses, "certificate_number": "M1"})
    await registry.apply(registered("h1", person(1, "Li Wei", also=[passport])))
    await registry.apply(wedding)
    review = await desk.of(wedding)
    reasons = {each["about"]: each["reason"] for each in review["questions"]}
    assert reasons == {"spouse_1": "two-roles", "spouse_2": "two-roles"}
    await desk.decide(review, "link", to={"spouse_1": review["candidates"][0]["reference"]})
    states, _ = await registry.people()
    assert {state.name for state in states.values()} == {"Li Wei", "Wang Fang"}
    assert (await registry.named("Li Wei")).civil_status == "married"
    await registry.apply(registered("h9", fang))
    assert (await registry.named("Wang Fang")).registered_area == TOWN
    await whole(registry)


async def test_a_correction_that_would_part_somebody_may_leave_them_one(desk: Desk) -> None:
    registry = desk.registry
    by_number = somebody(5, "Wang An")
    by_both = by_number | {"identifiers": [number(5), certificate("C1")]}
    by_paper = by_number | {"identifiers": [certificate("C1")]}
    await registry.apply(registered("h1", by_number), registered("h2", by_paper), registered("h3", by_both))
    fixed = registered("h4", by_number, action="corrected", of="h3", minute=1)
    await registry.apply(fixed)
    review = await desk.of(fixed)
    assert (review["kind"], review["questions"]) == ("would-part", [])
    (parting,) = review["partings"]
    assert sorted(map(len, parting["pieces"])) == [1, 1]
    await desk.decide(review, "link")
    assert await people_of(registry) == {frozenset({"h1", "h2", "h3", "h4"})}
    await registry.apply(registered("h5", by_paper))
    assert await people_of(registry) == {frozenset({"h1", "h2", "h3", "h4", "h5"})}
    await whole(registry)


async def test_what_is_ambiguous_no_longer_is_applied_by_itself_and_its_review_lapses(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    fixed = registered("h3", somebody(7, "Li Wei"), action="corrected", of="h1", minute=1)
    await registry.apply(fixed)
    await registry.apply(registered("h4", HONG))
    assert (await registry.outcomes(SECOND))[-1] == ("applied", None)
    assert await people_of(registry) == {frozenset({"h1", "h3"}), frozenset({"h2", "h4"})}
    assert [each["kind"] for each in await desk.reviews(standing="lapsed")] == ["ambiguous-identity"]
    assert await desk.reviews() == []


async def test_a_review_lapses_with_the_last_day_of_its_event(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    review = await desk.of(SECOND)
    with clock.frozen(clock.now() + HELD_FOR + timedelta(days=1)):
        assert await reject_overdue(registry.service.pool, registry.service.feeds) == 1
        said = await desk.decide(review, "separate", status=409)
    assert said["type"] == "/errors#review-closed"
    assert await registry.count("held_number") == 0


async def test_a_decision_that_does_not_fit_or_comes_too_late_changes_nothing(desk: Desk) -> None:
    registry = desk.registry
    await registry.apply(FIRST)
    await registry.apply(SECOND)
    review = await desk.of(SECOND)
    stranger = await registry.reference("health", FIRST)
    for wrong in ("split", "undo", "link"):
        await desk.decide(review, wrong, status=422)
    await desk.decide(review, "link", to={"person": stranger}, status=422)
    await desk.decide(review, "link", to={"mother": review["candidates"][0]["reference"]}, status=422)
    await registry.apply(registered("h3", WEI))
    assert (await desk.decide(review, "separate", status=409))["type"] == "/errors#review-changed"
    assert await registry.count("link_decision") == await registry.count("decided_record") == 0
    await desk.separate(SECOND)
    assert (await desk.decide(review, "separate", status=409))["type"] == "/errors#review-closed"


async def test_of_sixteen_clerks_at_once_one_decides(desk: Desk) -> None:
    await desk.registry.apply(FIRST)
    await desk.registry.apply(SECOND)
    review = await desk.of(SECOND)
    body = {"decision": "separate", "reason": "seen on paper", "version": review["version"]}
    path = f"/v1/reviews/{review['review']}/decision"
    answers = await asyncio.gather(*(desk.post(path, body, subject=f"clerk-{n}") for n in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 15
    assert await desk.registry.count("person") == 2
    assert [o for o in await desk.registry.outcomes(SECOND) if o[0] == "applied"] == [("applied", None)]


@pytest.mark.parametrize(
    "who",
    [
        {"role": "follower"},
        {"department": "health"},
        {"purpose": "household-registration"},
        {"purpose": None},
    ],
)
async def test_nobody_else_sees_or_decides(desk: Desk, who: dict[str, str]) -> None:
    await desk.registry.apply(FIRST)
    await desk.registry.apply(SECOND)
    review = await desk.of(SECOND)
    path = f"/v1/reviews/{review['review']}"
    assert (await desk.get("/v1/reviews", **who)).status_code == 403
    assert (await desk.get(path, **who)).status_code == 403
    body = {"decision": "separate", "reason": "seen on paper", "version": review["version"]}
    assert (await desk.post(f"{path}/decision", body, **who)).status_code == 403
    assert await desk.registry.count("person") == 1


async def test_an_unknown_review_is_not_found(desk: Desk) -> None:
    assert (await desk.get(f"/v1/reviews/{receipt_of(FIRST)}")).status_code == 404
    body = {"decision": "separate", "reason": "seen on paper", "version": "x"}
    assert (await desk.post(f"/v1/reviews/{receipt_of(FIRST)}/decision", body)).status_code == 404
