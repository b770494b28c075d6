"""A care worker in a browser: the small phone they have, and how they sign in."""

from playwright.async_api import Page, ViewportSize, expect

from tests.alerts_world import LIUQUAN
from tests.care_world import CareWorld

PHONE = ViewportSize(width=360, height=740)


async def sign_in(page: Page, url: str, cared: CareWorld, *roles: str) -> None:
    """Sign in as a worker of Liuquan, with a fresh code."""
    await page.goto(f"{url}/login")
    await page.locator("#code").fill(await cared.world.code(LIUQUAN, roles or ("care-worker",)))
    await page.locator("main button").click()
    await expect(page).to_have_url(f"{url}/worklist")
