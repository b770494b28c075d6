"""A real, headless Chromium, for test files that say `pytest_plugins = ["tests.chromium"]`."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
THERE = Path(CHROMIUM).exists()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A fresh browser that prefers Chinese. Skipped without Chromium, except in CI."""
    if not THERE and os.environ.get("CI") != "true":
        pytest.skip("needs Chromium at /usr/bin/chromium (Debian: chromium, fonts-noto-cjk)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        context = await browser.new_context(locale="zh-CN", viewport={"width": 1200, "height": 800})
        yield await context.new_page()
        await browser.close()
