"""The protection officer's pages in a real browser: questions read and answered, flags decided, who saw a person."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.alerts_world import served
from tests.audit_world import AuditWorld
from tests.histories import household, number, person
from tests.registry_pages_world import CLERK, cut_off, sign_in, signed_in
from tests.registry_world import LookUpWorld, RegistryWorld, says
from tests.shots import shoot

pytest_plugins = ["tests.registry", "tests.chromium"]
SECURITY = "public-security"
OFFICER: dict[str, Any] = {"roles": ["protection-officer"], "purpose": "audit"}
HERS = says("household.registered", "h1", {"person": person(2, "王芳"), **household()}, "2024-01-10")
ASKED = "为什么查询我的信息？\n我没有去过派出所。"


@pytest.fixture
async def watched(registry: RegistryWorld, lookups: LookUpWorld) -> AuditWorld:
    """An official looked at her again and again, another broke the glass, and she questioned an access."""
    await registry.apply(HERS)
    world = AuditWorld(registry, lookups)
    for _ in range(3):
        assert (await lookups.search(number(2), SECURITY)).status_code == 200
    broken = {"reason": {"category": "person-found", "text": "Found in the street."}, "identifier": number(2)}
    answer = await world.call("POST", "/v1/people/break-glass", world.clerk("housing"), broken)
    assert answer.status_code == 201, answer.text
    herself = await world.citizen(2, "王芳")
    seen = (await world.get("/v1/me/disclosures", herself))["disclosures"]
    entry = next(each["entry"] for each in seen if each["action"] == "look-up")
    asked = await world.call("POST", "/v1/me/questions", herself, {"entry": entry, "text": ASKED})
    assert asked.status_code == 201, asked.text
    assert {rule for rule, _ in await world.judged()} >= {"same-person-again", "break-glass"}
    return world


async def test_a_question_is_read_and_answered_once_and_the_person_reads_it(watched: AuditWorld, page: Page) -> None:
    async with served(watched.lookups.app) as url:
        await sign_in(page, url, watched.lookups, leads_to="/questions", **OFFICER)
        await expect(page.get_by_role("heading", level=1)).to_have_text("对查询的质询")
        await expect(page.locator("main")).not_to_contain_text("派出所")
        await shoot(page, "watch-questions-zh")
        await page.get_by_role("link", name="阅读并答复").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("一项质询")
        await expect(page.locator(".said").first).to_have_text(ASKED)
        await expect(page.locator("main")).to_contain_text("official-7")
        await page.get_by_role("textbox", name="答复").fill(" ")
        await page.get_by_role("button", name="发出答复").click()
        await expect(page.get_by_role("alert")).to_contain_text("尚未保存")
        await shoot(page, "watch-question-zh")
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("A question")
        await page.get_by_role("textbox", name="Answer").fill("It was a mistake.\nThe official was told.")
        await page.get_by_role("button", name="Give the answer").click()
        await expect(page.get_by_role("status")).to_have_text("The answer is given. The person sees it.")
        await page.get_by_role("link", name="answered", exact=True).click()
        await page.get_by_role("link", name="Read and answer").click()
        await expect(page.locator("main")).to_contain_text("The official was told.")
        await expect(page.get_by_role("button", name="Give the answer")).to_have_count(0)
    herself = await watched.citizen(2, "王芳")
    (question,) = (await watched.get("/v1/me/questions", herself))["questions"]
    assert question["answer"] == "It was a mistake.\nThe official was told."
    seen = (await watched.get("/v1/me/disclosures", herself))["disclosures"]
    assert "question" in {each["action"] for each in seen}, "she sees that it was read"


async def test_a_flag_is_decided_with_a_reason_and_kept(watched: AuditWorld, page: Page) -> None:
    async with served(watched.lookups.app) as url:
        await sign_in(page, url, watched.lookups, leads_to="/questions", **OFFICER)
        await page.goto(f"{url}/flags?lang=en")
        rows = page.locator("tbody tr")
        broken = rows.filter(has_text="the glass was broken")
        await expect(broken).to_contain_text("a person was found")
        await expect(page.locator("main")).not_to_contain_text("王芳")
        await shoot(page, "watch-flags-en")
        again = rows.filter(has_text="one person again and again").first
        await again.get_by_text("Decision", exact=True).first.click()
        await again.get_by_label("justified").check()
        await again.get_by_label("Reason").fill("Three papers of one household.")
        await again.get_by_role("button", name="Save").click()
        await expect(page).to_have_url(f"{url}/flags?decided=true")
        await expect(rows.filter(has_text="one person again and again").first).to_contain_text("justified")
        await page.get_by_role("link", name="waiting").click()
        await expect(rows.filter(has_text="the glass was broken")).to_have_count(1)


async def test_who_saw_a_person_is_shown_to_the_protection_officer_and_the_look_is_written_down(
    watched: AuditWorld, page: Page
) -> None:
    reference = await watched.registry.reference("housing", HERS)
    async with served(watched.lookups.app) as url:
        await sign_in(page, url, watched.lookups, leads_to="/questions", **OFFICER)
        await page.get_by_role("link", name="谁看过").click()
        await page.get_by_label("引用").fill(f" {reference} ")
        await page.get_by_role("button", name="显示").click()
        rows = page.locator("tbody tr")
        await expect(rows.filter(has_text="公安")).to_have_count(3)
        await expect(rows.filter(has_text="公安").first).to_contain_text("official-7")
        await expect(rows.filter(has_text="紧急查询").first).to_be_visible()
        await shoot(page, "watch-seen-zh")
        await page.get_by_label("引用").fill("k1.nobody")
        await page.get_by_role("button", name="显示").click()
        await expect(page.get_by_role("alert")).to_have_text("没有此引用。")
        await page.set_viewport_size({"width": 390, "height": 844})
        for path in ("/questions", "/flags", f"/seen?reference={reference}"):
            await page.goto(f"{url}{path}")
            assert not await cut_off(page), path
        await shoot(page, "watch-seen-phone")
    seen = (await watched.get("/v1/me/disclosures", await watched.citizen(2, "王芳")))["disclosures"]
    assert "disclosures" in {each["action"] for each in seen}


async def test_no_other_official_is_offered_or_served_these_pages(watched: AuditWorld) -> None:
    http = await signed_in(watched.lookups, **CLERK)
    for path in ("/questions", "/flags", "/seen"):
        answer = await http.get(path)
        assert answer.status_code == 403, path
    assert 'href="/flags"' not in (await http.get("/reviews")).text
