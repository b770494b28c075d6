"""A questioned access in a real browser: she asks beside the entry, a supervisor answers, she reads it. No scripts."""

from playwright.async_api import Page, ViewportSize, expect

from tests.accessible import faults, reached
from tests.alerts_world import LIUQUAN, served
from tests.care_world import CareWorld
from tests.shots import shoot

pytest_plugins = ["tests.alerts", "tests.chromium"]
PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1180, height=800)
WHY, BECAUSE = "为什么看我的记录？", "值班护士核对预约。"


async def enter(page: Page, url: str, way: str, code: str) -> None:
    """Type a code at a login."""
    await page.goto(f"{url}{way}")
    await page.locator("#code").fill(code)
    await page.locator("main button").click()


async def test_she_questions_an_access_and_a_supervisor_answers(cared: CareWorld, page: Page) -> None:
    episode = await cared.enrolled()
    seen = await cared.call("GET", f"/v1/episodes/{episode}", subject="zhao.min")
    assert seen.status_code == 200
    slip = (await cared.call("POST", f"/v1/episodes/{episode}/own-code")).json()["code"]
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await enter(page, url, "/me/login", slip)
        await expect(page.get_by_role("heading", level=1)).to_have_text("您自己的代码")
        own = await page.locator(".code").inner_text()
        await page.goto(f"{url}/me/disclosures")
        read = page.locator("tbody tr").filter(has_text="查看您的记录").first
        await read.locator("summary").click()
        await read.get_by_label("您想问什么").fill(WHY)
        assert await faults(page) == []
        await shoot(page, "question-form-phone-zh")
        await read.get_by_role("button", name="提交质询").click()
        await expect(page.get_by_role("status")).to_have_text("已提交。")
        await expect(page.locator("article")).to_contain_text(WHY)
        await expect(page.locator("article .mark")).to_have_text("待答复")
        assert await faults(page) == []
        await shoot(page, "question-asked-phone-zh")
        await page.get_by_role("link", name="谁看过").click()
        await expect(page.get_by_role("link", name="已质询")).to_have_count(1)
        await page.get_by_role("button", name="退出登录").click()
        await expect(page).to_have_url(f"{url}/me/login?out=true")

        await page.set_viewport_size(DESK)
        await enter(page, url, "/login", await cared.world.code(LIUQUAN, ["supervisor"]))
        await expect(page.get_by_role("link", name="质询", exact=True)).to_be_visible()
        await page.goto(f"{url}/supervision")
        await page.get_by_role("link", name="待答复的质询：1（逾期0）").click()
        await expect(page.locator("article")).to_contain_text(WHY)
        assert "王秀英" not in await page.content()
        assert episode not in await page.content()
        assert await faults(page) == []
        assert "答复" in await reached(page)
        await shoot(page, "questions-desk-zh")
        await page.goto(f"{url}/questions?lang=en")
        await expect(page.locator("article h2")).to_contain_text("read your record")
        assert await faults(page) == []
        await page.set_viewport_size(PHONE)
        await shoot(page, "questions-phone-en")
        await page.get_by_label("Your answer").fill(BECAUSE)
        await page.get_by_role("button", name="Answer", exact=True).click()
        await expect(page.get_by_role("status")).to_have_text("It was answered.")
        await expect(page.locator("article")).to_have_count(0)
        await page.get_by_role("button", name="Sign out").click()
        await expect(page).to_have_url(f"{url}/login?out=true")

        await enter(page, url, "/me/login", own)
        await expect(page).to_have_url(f"{url}/me")
        await page.get_by_role("link", name="What I questioned").click()
        await expect(page.locator("article")).to_contain_text(BECAUSE)
        await expect(page.locator("article .mark")).to_have_text("answered")
        assert await faults(page) == []
        await shoot(page, "question-answered-phone-en")
