"""A person's own pages in a real browser: the record, who saw it, cases, questions; for nobody else."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from services.registry.keys import CITIZEN
from shared import clock
from shared.crypto.references import mint
from tests.alerts_world import served
from tests.audit_world import AuditWorld
from tests.histories import TOWN, household, number, person
from tests.registry_pages_world import CLERK, cut_off, sign_in
from tests.registry_world import LookUpWorld, RegistryWorld, says
from tests.shots import shoot

pytest_plugins = ["tests.registry", "tests.chromium"]
SECURITY = "public-security"
HERS = says("household.registered", "h1", {"person": person(2, "王芳"), **household()}, "2024-01-10")
HIS = says("household.registered", "h2", {"person": person(1, "李伟"), **household(number_="H2")}, "2024-01-10")
MARRIED = {"spouses": [person(1, "李伟"), person(2, "王芳")], "certificate_number": "M1"}
PAGES = ("/me", "/me/disclosures", "/me/cases", "/me/matches", "/me/questions", "/me/corrections")


@pytest.fixture
async def known(registry: RegistryWorld, lookups: LookUpWorld) -> AuditWorld:
    """Two people who married, an official who looked at her, and another who broke the glass."""
    await registry.apply(HERS, HIS, says("marriage.registered", "m1", MARRIED, "2024-06-06"))
    assert (await lookups.search(number(2), SECURITY)).status_code == 200
    world = AuditWorld(registry, lookups)
    broken = {"reason": {"category": "person-found", "text": "Found in the street."}, "identifier": number(2)}
    answer = await world.call("POST", "/v1/people/break-glass", world.clerk("housing"), broken)
    assert answer.status_code == 201, answer.text
    return world


async def herself(page: Page, url: str, world: AuditWorld) -> None:
    """She signs in."""
    row = await world.registry.service.pool.fetchval(
        "SELECT person_id FROM fact JOIN vital_event USING (receipt) WHERE id = $1", HERS["id"]
    )
    subject = mint(world.registry.service.ring, CITIZEN, row)
    await sign_in(page, url, world.lookups, leads_to="/me", subject=subject, roles=["citizen"])


async def test_she_reads_her_record_and_who_says_so_and_takes_a_copy(
    known: AuditWorld, page: Page, tmp_path: Path
) -> None:
    async with served(known.lookups.app) as url:
        await herself(page, url, known)
        await expect(page.get_by_role("heading", level=1)).to_have_text("我的记录")
        fields = page.get_by_role("table", name="基本信息")
        await expect(fields.get_by_role("row", name="姓名")).to_contain_text("王芳")
        await expect(fields.get_by_role("row", name="婚姻状况")).to_contain_text("已婚")
        await expect(fields.get_by_role("row", name="婚姻状况")).to_contain_text("民政")
        await expect(fields.get_by_role("row", name="配偶")).to_contain_text("已登记")
        await expect(page.locator(".notice.alert")).to_contain_text("发现需要救助的人")
        assert "李伟" not in await page.content(), "who a relative is, is the relative's"
        await shoot(page, "me-zh")
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="下载副本").click()
        kept = tmp_path / "kept.json"
        await (await waiting.value).save_as(kept)
        copied: dict[str, Any] = json.loads(await asyncio.to_thread(kept.read_text, encoding="utf-8"))
        assert {each["name"]: each["value"] for each in copied["fields"]}["registered_area"] == TOWN
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("row", name="Civil status")).to_contain_text("married")
        await shoot(page, "me-en")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("status")).to_have_text("You are signed out.")


async def test_she_reads_who_withholds_where_she_lives_and_of_an_adoption_nothing(
    known: AuditWorld, page: Page
) -> None:
    review_by = str(clock.today() + timedelta(days=90))
    for department, purpose, ground in (
        (SECURITY, "service-delivery", "violence"),
        ("civil-affairs", "vital-registration", "adoption"),
    ):
        mark = {"identifier": number(2), "ground": ground, "reason": "She fled.", "review_by": review_by}
        token = known.lookups.token(department, purpose)
        answer = await known.call("PUT", "/v1/protections", token, mark)
        assert answer.status_code == 200, answer.text
    async with served(known.lookups.app) as url:
        await herself(page, url, known)
        shown = page.get_by_role("region", name="住址保密")
        await expect(shown).to_contain_text("公安局自")
        await expect(shown).to_contain_text("防止家庭暴力")
        await expect(shown.locator(".notice")).to_have_count(1)
        assert "收养" not in await page.content()
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("region", name="Where you live is withheld")).to_contain_text("from violence")
        await shoot(page, "me-protected")


async def test_she_sees_who_saw_her_and_questions_an_access_once(known: AuditWorld, page: Page) -> None:
    async with served(known.lookups.app) as url:
        await herself(page, url, known)
        await page.get_by_role("link", name="谁看过我的数据").click()
        seen = page.locator("tbody tr", has_text="查询").filter(has_text="户籍登记").first
        await expect(seen).to_contain_text("公安")
        await expect(seen).to_contain_text("户口登记条例 第七条")
        await expect(page.locator("tbody tr", has_text="紧急查询：发现需要救助的人").first).to_be_visible()
        await shoot(page, "me-disclosures-zh")
        await seen.locator("summary").click()
        await seen.get_by_label("您想问什么？").fill("为什么查询我？\n我没有办事。")
        await seen.get_by_role("button", name="提交质询").click()
        await expect(page.get_by_role("status")).to_have_text("质询已提交。")
        await expect(page.locator("article")).to_contain_text("我没有办事。")
        (listed,) = (await known.get("/v1/questions", known.officer()))["questions"]
        place = f"/v1/questions/{listed['question']}/answer"
        answered = await known.call("POST", place, known.officer(), {"text": "依法办理迁移登记。"})
        assert answered.status_code == 204, answered.text
        await page.goto(f"{url}/me/questions?lang=en")
        await expect(page.locator("article")).to_contain_text("依法办理迁移登记。")
        await expect(page.locator("article .mark")).to_have_text("answered")
        await shoot(page, "me-questions-en")
        await page.goto(f"{url}/me/disclosures")
        again = page.locator("tbody tr", has_text="looked you up").last
        await again.locator("summary").click()
        await again.get_by_label("What do you want to know?").fill("Once more?")
        await again.get_by_role("button", name="Send the question").click()
        await expect(page.get_by_role("alert")).to_contain_text("questioned this access before")
        await shoot(page, "me-disclosures-en")


async def test_she_asks_for_a_correction_and_takes_it_back(known: AuditWorld, page: Page) -> None:
    async with served(known.lookups.app) as url:
        await herself(page, url, known)
        await page.get_by_role("link", name="申请更正", exact=True).click()
        await page.get_by_label("哪一项有误").select_option("birth_date")
        await page.get_by_label("正确内容").fill("yesterday")
        await page.get_by_label("理由").fill("出生证明写的是另一天。")
        await page.get_by_role("button", name="提交申请").click()
        await expect(page.get_by_role("alert")).to_contain_text("按格式")
        await page.get_by_label("哪一项有误").select_option("birth_date")
        await page.get_by_label("正确内容").fill("1990-05-18")
        await page.get_by_label("理由").fill("出生证明写的是另一天。")
        await page.get_by_role("button", name="提交申请").click()
        await expect(page.get_by_role("status")).to_have_text("申请已提交。")
        (article,) = await page.locator("article").all()
        await expect(article).to_contain_text("1990-05-18")
        await expect(article).to_contain_text("公安")
        await shoot(page, "me-corrections-zh")
        await page.goto(f"{url}/me/corrections?lang=en")
        await page.get_by_role("button", name="Take it back").click()
        await expect(page.locator("article .mark")).to_have_text("withdrawn")
        await shoot(page, "me-corrections-en")


async def test_every_look_at_her_own_pages_is_written_down_as_the_routes_of_programs_do(
    known: AuditWorld, page: Page
) -> None:
    async with served(known.lookups.app) as url:
        await herself(page, url, known)
        for path in (*PAGES[1:], "/me/copy"):
            await page.request.get(f"{url}{path}")
        rows = await known.registry.service.pool.fetch(
            "SELECT action FROM access_log WHERE purpose = 'own-data' ORDER BY access_id"
        )
        assert [row["action"] for row in rows] == [
            "own-record",
            "own-disclosures",
            "own-cases",
            "own-matches",
            "own-questions",
            "own-corrections",
            "own-record",
        ]


async def test_nobody_else_sees_these_pages_and_she_sees_no_official_one(known: AuditWorld, page: Page) -> None:
    async with served(known.lookups.app) as url:
        for path in PAGES:
            await page.goto(f"{url}{path}")
            await expect(page).to_have_url(f"{url}/login")
        await herself(page, url, known)
        for path in ("/reviews", "/population"):
            refused = await page.goto(f"{url}{path}")
            assert refused is not None
            assert refused.status == 403
        await page.goto(f"{url}/me")
        await page.get_by_role("button", name="退出登录").click()
        await sign_in(page, url, known.lookups, leads_to="/reviews", **CLERK)
        for path in PAGES:
            refused = await page.goto(f"{url}{path}")
            assert refused is not None
            assert refused.status == 403


async def test_nothing_runs_nothing_is_kept_and_nothing_is_cut_off_on_a_phone(known: AuditWorld, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    async with served(known.lookups.app) as url:
        await herself(page, url, known)
        await page.set_viewport_size({"width": 360, "height": 740})
        for path in PAGES:
            for language in ("zh-CN", "en"):
                answer = await page.goto(f"{url}{path}?lang={language}")
                assert answer is not None
                assert answer.headers["cache-control"] == "no-store"
                for each in await page.locator("summary").all():
                    await each.click()
                assert not await cut_off(page), path
                assert await page.locator("script").count() == 0
                await shoot(page, f"me-phone{path.replace('/', '-')}-{language}")
        assert complaints == []


async def test_the_form_can_be_filled_in_by_keyboard_alone(known: AuditWorld, page: Page) -> None:
    async with served(known.lookups.app) as url:
        await herself(page, url, known)
        await page.goto(f"{url}/me/disclosures?lang=en")
        for _ in range(40):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.tagName") == "SUMMARY":
                break
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.type("Why was I looked up?")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_have_text("Your question was sent.")
