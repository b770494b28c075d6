"""A department's pages in a real browser: its receipts, what is held, its feed; in both languages and on a phone."""

from playwright.async_api import Page, expect

from tests.departments_world import Line
from tests.exchange_world import served
from tests.pages_world import SECRETS, a_month_later, played, sign_in, staff, too_wide
from tests.shots import shoot

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments", "tests.chromium"]

SECURITY, HEALTH = "public-security", "health"
SECTIONS = ("", "/receipts", "/receipts?status=held", "/feed", "/cases", "/agreements")


async def test_a_department_reads_its_receipts_and_its_feed_in_both_languages(line: Line, page: Page) -> None:
    await played(line)
    async with served(line.exchange.app) as url:
        await sign_in(page, url, await staff(line.exchange, SECURITY))
        await expect(page.get_by_role("heading", level=1)).to_have_text("部门工作台")
        await expect(page.locator(".tiles li").first).to_contain_text("12")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await expect(page.locator("tbody tr")).to_contain_text("所更正或撤销的事件尚未上报")
        await expect(page.locator("tbody tr")).to_contain_text("上报部门")
        await shoot(page, "department-zh")

        await page.get_by_role("link", name="回执", exact=True).click()
        await expect(page.locator("tbody tr")).to_have_count(12)
        await shoot(page, "department-receipts-zh")
        await page.get_by_role("link", name="已入册").click()
        await expect(page.locator("tbody tr")).to_have_count(11)

        await page.get_by_role("link", name="数据流").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("数据流")
        await expect(page.locator("tbody tr").first).to_contain_text("人员信息变更")
        await shoot(page, "department-feed-zh")

        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Feed")
        await shoot(page, "department-feed-en")
        await page.get_by_role("link", name="Overview", exact=True).click()
        await expect(page.locator("tbody tr")).to_contain_text("has not arrived")
        await shoot(page, "department-en")


async def test_a_held_event_is_overdue_after_its_day_and_can_be_tried_again(line: Line, page: Page) -> None:
    await played(line)
    async with served(line.exchange.app) as url:
        with a_month_later():
            await sign_in(page, url, await staff(line.exchange, SECURITY))
            overdue = page.locator(".tiles li.overdue")
            await expect(overdue).to_contain_text("1")
            await overdue.get_by_role("link").click()
            await expect(page.locator("tbody tr")).to_contain_text("已逾期")
            await page.get_by_role("button", name="重试").click()
            await expect(page.get_by_role("status")).to_contain_text("重新处理")
            await expect(page.locator("tbody tr")).to_contain_text("已重试")
            await shoot(page, "department-retried")
    asked = await line.exchange.service.pool.fetchval("SELECT position FROM feed_head WHERE feed = 'sharing'")
    assert asked > 0


async def test_who_only_follows_is_offered_no_retry_and_who_only_reports_no_feed(line: Line, page: Page) -> None:
    await played(line)
    async with served(line.exchange.app) as url:
        await sign_in(page, url, await staff(line.exchange, SECURITY, "follower"))
        await expect(page.get_by_role("button", name="重试")).to_have_count(0)
        await page.get_by_role("button", name="退出登录").click()
        await expect(page.get_by_role("status")).to_have_text("您已退出登录。")
        await sign_in(page, url, await staff(line.exchange, SECURITY, "reporter"))
        await expect(page.get_by_role("button", name="重试")).to_have_count(1)
        await expect(page.get_by_role("link", name="数据流")).to_have_count(0)
        await page.goto(f"{url}/department/feed")
        await expect(page.get_by_role("heading", level=1)).to_have_text("无权查看")


async def test_pages_show_no_name_no_number_and_nothing_of_another_department(line: Line, page: Page) -> None:
    await played(line)
    async with served(line.exchange.app) as url:
        await sign_in(page, url, await staff(line.exchange, HEALTH))
        for language in ("zh-CN", "en"):
            for section in SECTIONS:
                await page.goto(address(url, section, language))
                shown = await page.content()
                assert ("bc-2024" in shown) == (section in SECTIONS[:3]), section
                for foreign in ("hh-2024", "m-2024", "household-register", *SECRETS):
                    assert foreign not in shown, (section, foreign)


def address(url: str, section: str, language: str) -> str:
    """A section's address in a language."""
    return f"{url}/department{section}{'&' if '?' in section else '?'}lang={language}"


async def test_nothing_runs_nothing_is_loaded_from_elsewhere_and_nothing_is_cut_off(line: Line, page: Page) -> None:
    await played(line)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    async with served(line.exchange.app) as url:
        await sign_in(page, url, await staff(line.exchange, SECURITY))
        await page.set_viewport_size({"width": 360, "height": 740})
        for section in SECTIONS:
            for language in ("zh-CN", "en"):
                await page.goto(address(url, section, language))
                assert not await too_wide(page), section
                cut = await page.locator(".scroll, dl").evaluate_all(
                    "all => all.some(e => e.scrollWidth > e.clientWidth)"
                )
                assert not cut, section
                assert await page.locator("script").count() == 0
                await shoot(page, f"department-phone{section.replace('/', '-').replace('?status=', '-')}-{language}")
        assert all(address.startswith(url) for address in asked)
        assert complaints == []


async def test_every_control_can_be_reached_by_keyboard(line: Line, page: Page) -> None:
    await played(line)
    async with served(line.exchange.app) as url:
        await sign_in(page, url, await staff(line.exchange, SECURITY))
        reached: list[str] = []
        for _ in range(24):
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("document.activeElement.textContent.trim().split('\\n')[0]"))
        assert {"跳到正文", "English", "退出登录", "回执", "数据流", "重试"} <= set(reached)
        assert reached[0] == "跳到正文"
