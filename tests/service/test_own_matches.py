"""How a match was judged, for the person themself: field by field, and nothing of anybody else."""

from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from services.registry.blocks.handlers import Blinding
from services.registry.identity.weights import current
from services.registry.keys import CITIZEN
from services.registry.matching.handlers import Matching
from shared.crypto.references import mint
from tests.accessible import faults
from tests.alerts_world import served
from tests.registry_pages_world import cut_off, sign_in
from tests.registry_world import CloudEvent, RegistryWorld
from tests.reviews_world import Desk, Json
from tests.service.test_matching import NEIGHBOUR, UNISSUED, WEI, rest
from tests.service.test_reviews import FIRST, SECOND, registered
from tests.shots import shoot

pytest_plugins = ["tests.registry", "tests.reviews", "tests.chromium"]


@pytest.fixture
def comparing(registry: RegistryWorld) -> Matching:
    """A worker that compares."""
    return Matching(registry.service.pool, registry.folding, Blinding(registry.service.ring))


async def whose(desk: Desk, event: CloudEvent) -> UUID:
    """Whom an event means now."""
    found: UUID = await desk.registry.service.pool.fetchval(
        "SELECT person_id FROM fact JOIN vital_event USING (receipt) WHERE id = $1", event["id"]
    )
    return found


async def read(desk: Desk, event: CloudEvent) -> list[Json]:
    """What the person of an event is told."""
    subject = mint(desk.registry.service.ring, CITIZEN, await whose(desk, event))
    token = desk.api.issuer.issue(subject=subject, roles=("citizen",))
    answer = await desk.api.http.get("/v1/me/matches", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: list[Json] = answer.json()["matches"]
    return found


async def test_what_the_machine_merged_is_told_field_by_field(desk: Desk, comparing: Matching) -> None:
    first, second = registered("h1", WEI), registered("h2", UNISSUED)
    await desk.registry.apply(first)
    await rest(comparing)
    await desk.registry.apply(second)
    await rest(comparing)
    (told,) = await read(desk, second)
    assert (told["kind"], told["judged_by"], told["weights"]) == ("merge", "machine", str(current().version))
    fields = {each["field"]: (each["level"], each["speaks"]) for each in told["fields"]}
    assert (fields["name"], fields["numbers"]) == (("exact", "for"), ("exact", "for"))
    assert fields["mother"] == fields["father"] == (None, None)
    assert await read(desk, first) == [told], "it is one person"
    seen = await desk.registry.service.pool.fetch("SELECT action, purpose FROM access_log WHERE action = 'own-matches'")
    assert [row["purpose"] for row in seen] == ["own-data"] * 2


async def test_neither_a_clerks_words_nor_another_person_are_told(desk: Desk, comparing: Matching) -> None:
    """Two of one name and birthday, kept apart: neither is told of the other."""
    events = [registered("h1", WEI), registered("h2", NEIGHBOUR)]
    await desk.registry.apply(*events)
    await rest(comparing)
    (listed,) = await desk.reviews("possible-match")
    assert [await read(desk, event) for event in events] == [[], []], "what waits is not judged yet"
    await desk.decide(await desk.shown(listed["review"]), "separate")
    assert [await read(desk, event) for event in events] == [[], []]


async def test_a_merge_that_was_undone_is_told_as_undone_and_without_fields(desk: Desk, comparing: Matching) -> None:
    events = [registered("h1", WEI), registered("h2", NEIGHBOUR), registered("h3", WEI), registered("h4", NEIGHBOUR)]
    await desk.registry.apply(*events)
    await rest(comparing)
    former = await desk.registry.reference("public-security", events[1])
    (listed,) = await desk.reviews("possible-match")
    await desk.decide(await desk.shown(listed["review"]), "merge", reason="his brother said so")
    (merged,) = await read(desk, events[0])
    assert (merged["kind"], merged["judged_by"]) == ("merge", "clerk")
    assert "brother" not in str(merged)
    assert merged["fields"]
    asked = await desk.post("/v1/reviews", {"ask": "undo", "people": [former], "reason": "two men"})
    await desk.decide(await desk.shown(asked.json()["review"]), "undo", who={"subject": "clerk-2"})
    for event in events:
        assert [(each["kind"], each["fields"]) for each in await read(desk, event)] == [("undo", [])]


async def test_a_report_that_a_clerk_gave_to_somebody_is_told_without_when_or_whose(desk: Desk) -> None:
    await desk.registry.apply(FIRST)
    await desk.registry.apply(SECOND)
    await desk.link(SECOND, "Li Wei")
    (told,) = await read(desk, FIRST)
    assert told == {"kind": "link", "judged_by": "clerk", "weights": None, "fields": []}


async def test_the_page_says_it_in_words(desk: Desk, comparing: Matching, page: Page) -> None:
    await desk.registry.apply(registered("h1", WEI))
    await rest(comparing)
    await desk.registry.apply(registered("h2", UNISSUED))
    await rest(comparing)
    subject = mint(desk.registry.service.ring, CITIZEN, await whose(desk, registered("h2", UNISSUED)))
    async with served(desk.api.app) as url:
        await sign_in(page, url, desk.api, leads_to="/me", subject=subject, roles=["citizen"])
        await page.get_by_role("link", name="记录如何归属").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("这些记录为何归于我")
        await expect(page.get_by_role("row", name="出生日期")).to_contain_text("完全相同")
        assert await faults(page) == []
        await shoot(page, "me-matches-zh")
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=2)).to_have_text("Two records were judged to be yours")
        await expect(page.get_by_role("row", name="Mother's name")).to_contain_text("is not shown here")
        await page.set_viewport_size({"width": 390, "height": 844})
        assert not await cut_off(page)
        await shoot(page, "me-matches-phone")
