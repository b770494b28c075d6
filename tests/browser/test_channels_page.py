"""Channels in a real browser, on a small phone: an address shown once, a webhook tested."""

import pytest
from playwright.async_api import Page, expect

from tests.accessible import faults, reached
from tests.alerts_world import served
from tests.care_pages_world import PHONE, sign_in
from tests.channels_world import Channels
from tests.shots import shoot
from tests.webhooks_world import always, receiving

pytest_plugins = ["tests.alerts", "tests.chromium"]


async def test_an_address_is_made_and_a_webhook_tested(channels: Channels, page: Page) -> None:
    cared = channels.cared
    async with served(cared.world.app) as url, receiving(always(503)) as receiver:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared, "care-worker", "supervisor")
        await page.get_by_role("link", name="提醒方式").click()
        await page.get_by_text("生成地址").first.click()
        await page.get_by_role("button", name="生成地址").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("仅显示这一次")
        await expect(page.locator(".slip")).to_contain_text("/calendar.ics")
        assert await faults(page) == []
        await shoot(page, "channels-once-phone")
        await page.get_by_role("link", name="回到提醒方式").click()
        await expect(page.get_by_text("尚未被读取")).to_be_visible()
        await page.get_by_text("新建 Webhook").first.click()
        await page.get_by_label("名称").fill("clinic")
        await page.get_by_label("地址", exact=True).fill(receiver.url)
        await page.get_by_label("仅每日摘要").check()
        await page.get_by_role("button", name="新建 Webhook").click()
        await expect(page.locator(".slip")).to_contain_text("whsec_")
        await page.get_by_role("link", name="clinic").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("clinic")
        await page.get_by_role("button", name="发送测试").click()
        await expect(page.get_by_role("status")).to_contain_text("未送达：接收方拒绝 503")
        assert await faults(page) == []
        await shoot(page, "webhook-phone")
        await page.goto(f"{url}/channels?lang=en")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Channels")
        assert "Give it another address" in await reached(page)
        await shoot(page, "channels-phone-en")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_channels_are_accessible_on_a_phone(channels: Channels, page: Page, language: str) -> None:
    cared = channels.cared
    await channels.address("calendar")
    await channels.hook("http://127.0.0.1:9/hook")
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared, "care-worker", "supervisor")
        for path in ("/channels", "/channels/webhooks/clinic"):
            answer = await page.goto(f"{url}{path}?lang={language}")
            assert answer is not None
            assert (answer.status, answer.headers["cache-control"]) == (200, "no-store"), path
            assert await faults(page) == [], path
