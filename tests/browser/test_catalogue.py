"""The catalogue in a real browser: readable in both languages and on a phone, asking nobody but the exchange."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.exchange_world import Exchange, served

pytest_plugins = ["tests.exchange"]

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
SHOTS = "TENFOLD_SCREENSHOTS"  # a folder to keep pictures in, for people who change the pages

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists() and os.environ.get("CI") != "true",
    reason="needs Chromium at /usr/bin/chromium (Debian: chromium, fonts-noto-cjk)",
)


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A fresh browser that prefers Chinese."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        context = await browser.new_context(locale="zh-CN", viewport={"width": 1200, "height": 900})
        yield await context.new_page()
        await browser.close()


async def shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for one."""
    if folder := os.environ.get(SHOTS):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def too_wide(page: Page) -> bool:
    """Whether something is out of sight to the right."""
    wide: bool = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return wide


async def test_the_catalogue_is_read_in_both_languages_and_asks_nobody_else(exchange: Exchange, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    async with served(exchange.app) as url:
        await page.goto(f"{url}/catalogue")
        await expect(page.get_by_role("heading", level=1)).to_have_text("事件目录")
        await shoot(page, "catalogue-zh")
        await page.get_by_role("link", name="出生医学证明").click()
        section = page.locator("#birth\\.certified")
        await expect(section).to_be_in_viewport()
        await expect(section.locator("pre")).to_be_hidden()
        await section.get_by_text("示例").click()
        await expect(section.locator("pre")).to_contain_text("cn.tenfold.birth.certified.v1")
        await shoot(page, "catalogue-example-zh")
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Catalogue")
        await shoot(page, "catalogue-en")
        await page.set_viewport_size({"width": 390, "height": 800})
        assert not await too_wide(page)
        await page.locator("#payment\\.made").scroll_into_view_if_needed()
        await shoot(page, "catalogue-phone")
        assert all(each.startswith(url) for each in asked)
    assert complaints == []
