"""Help that a person asked for in a real browser, on a small phone: explained, agreed to, taken down, refused."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from tests.accessible import faults, reached
from tests.alerts_world import served
from tests.care_pages_world import PHONE, sign_in
from tests.care_world import CareWorld
from tests.shots import shoot

pytest_plugins = ["tests.alerts", "tests.chromium"]


async def test_a_guardian_asks_sees_the_dates_agrees_and_withdraws(cared: CareWorld, page: Page) -> None:
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        await page.get_by_role("link", name="协助请求", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("协助请求")
        await shoot(page, "asked-phone")
        await page.get_by_role("region", name="尚未领取的补助和证件").get_by_role("link", name="受理请求").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("尚未领取的补助和证件")
        await page.get_by_label("用请求人自己的话").fill("育儿补贴怎么领？")
        await page.get_by_label("协助申领育儿补贴").check()
        await page.get_by_label("儿童出生日期").fill((cared.today - timedelta(days=5)).isoformat())
        await page.get_by_role("button", name="先看时间安排").click()
        await expect(page.get_by_role("heading", name="首次申领育儿补贴")).to_be_visible()
        await expect(page.get_by_label("用请求人自己的话")).to_have_value("育儿补贴怎么领？")
        await expect(page.get_by_label("协助申领育儿补贴")).to_be_checked()
        await shoot(page, "asked-form-phone")
        await page.get_by_role("button", name="English").click()
        await expect(page.locator("blockquote")).to_contain_text("I ask this facility for help")
        await expect(page.get_by_label("用请求人自己的话")).to_have_value("育儿补贴怎么领？")
        await page.get_by_label("请求人阅读").check()
        await page.get_by_label("请求人同意").check()
        await page.get_by_label("监护人姓名").fill("王秀英")
        await page.get_by_label("儿童姓名").fill("王安")
        await page.get_by_role("button", name="受理", exact=True).click()
        await expect(page.get_by_role("status")).to_have_text("已受理。")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("王安")
        await expect(page.locator("dl.facts")).to_contain_text("育儿补贴怎么领？")
        await shoot(page, "asked-episode-phone")
        assert await faults(page) == []
        await page.locator(".step").first.get_by_role("link", name="记录").click()
        await page.get_by_label("本人谢绝").check()
        await page.get_by_role("button", name="记录", exact=True).click()
        await expect(page.get_by_text("已记录。")).to_be_visible()
        await page.go_back()
        await page.go_back()
        await page.get_by_role("link", name="撤回同意").click()
        await page.get_by_role("button", name="确认撤回").click()
        await expect(page.get_by_role("status").first).to_contain_text("同意已撤回")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_pages_of_help_asked_for_are_accessible_by_keyboard_and_on_a_phone(
    cared: CareWorld, page: Page, language: str
) -> None:
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        for path in ("/asked", "/asked/child", "/asked/transfer", "/asked/entitlement"):
            answer = await page.goto(f"{url}{path}?lang={language}")
            assert answer is not None
            assert (answer.status, answer.headers["cache-control"]) == (200, "no-store"), path
            assert await faults(page) == [], path
        await shoot(page, f"asked-entitlement-{language}")
        order = await reached(page)
        where = [order.index(each) for each in ("asked_for", "born_on", "foresee", "guardian", "name") if each in order]
        assert where == sorted(where)
        assert "born_on" in order
