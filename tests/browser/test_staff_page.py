"""A facility's staff in a real browser, on a small phone: listed, left, listed again; who has an episode."""

import pytest
from playwright.async_api import Page, expect

from tests.accessible import faults, reached
from tests.alerts_world import served
from tests.care_pages_world import PHONE, sign_in
from tests.care_world import CareWorld
from tests.shots import shoot

pytest_plugins = ["tests.alerts", "tests.chromium"]


async def test_a_supervisor_lists_somebody_who_leaves_and_comes_back(cared: CareWorld, page: Page) -> None:
    await cared.world.listed(("nurse", "supervisor"), ("nurse", "care-worker"), ("zhao.min", "care-worker"))
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared, "care-worker", "supervisor")
        await page.goto(f"{url}/staff?lang=en")
        await page.get_by_label("Name in their credential").fill("li.na")
        await page.get_by_label("Stands in for (empty if for nobody").fill("zhao.min")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("a stand-in needs a last day")
        await expect(page.get_by_label("Name in their credential")).to_have_value("li.na")
        await page.get_by_label("Last day (empty for good)").fill("2026-03-20")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status")).to_have_text("Saved.")
        await expect(page.get_by_text("stands in for zhao.min")).to_be_visible()
        assert "Change…" in await reached(page)
        await shoot(page, "staff-phone-en")
        await page.locator(".task").filter(has_text="zhao.min").last.get_by_role("link", name="Change…").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("zhao.min")
        line = page.url
        await page.get_by_role("button", name="Shut the device out").click()
        await expect(page.get_by_role("status")).to_contain_text("They log in again")
        await page.goto(line)
        await expect(page.get_by_text("A device that is found needs no undoing")).to_be_visible()
        assert await faults(page) == []
        await shoot(page, "staff-line-phone-en")
        await page.get_by_role("button", name="List them no more").click()
        await expect(page.get_by_role("status")).to_contain_text("zhao.min")
        assert await faults(page) == []
        await page.get_by_role("button", name="List them again").click()
        await expect(page.get_by_role("status")).to_contain_text("Listed again")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_staff_and_workers_pages_are_accessible_on_a_phone(cared: CareWorld, page: Page, language: str) -> None:
    await cared.world.listed(("nurse", "supervisor"), ("nurse", "care-worker"), ("zhao.min", "care-worker"))
    episode = await cared.enrolled()
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared, "care-worker", "supervisor")
        for path in ("/staff", f"/episodes/{episode}/workers"):
            answer = await page.goto(f"{url}{path}?lang={language}")
            assert answer is not None
            assert (answer.status, answer.headers["cache-control"]) == (200, "no-store"), path
            assert await faults(page) == [], path
        await shoot(page, f"workers-{language}")
