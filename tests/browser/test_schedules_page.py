"""Schedules of an episode in a real browser, on a small phone."""

from playwright.async_api import Page, expect

from tests.accessible import faults, reached
from tests.alerts_world import served
from tests.care_pages_world import PHONE, sign_in
from tests.care_world import CareWorld
from tests.shots import shoot

pytest_plugins = ["tests.alerts", "tests.chromium"]


async def test_a_schedule_is_adopted_after_a_look_at_what_would_move(cared: CareWorld, page: Page) -> None:
    episode = await cared.enrolled()
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        await page.goto(f"{url}/episodes/{episode}?lang=en")
        await page.get_by_text("on offer", exact=False).first.click()
        region = page.get_by_role("region", name="WHO")
        await expect(region.get_by_role("button", name="Follow it…").first).to_be_visible()
        assert "Follow it…" in await reached(page)
        await shoot(page, "schedules-phone-en")
        assert await faults(page) == []
        await region.get_by_role("button", name="Follow it…").first.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("What would move")
        await expect(page.locator("tbody")).to_contain_text("(new)")
        await page.get_by_role("button", name="Yes, change it").click()
        await expect(page.get_by_role("status")).to_contain_text("What is followed is changed")
