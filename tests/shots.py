"""Pictures of pages, for people who change them: set TENFOLD_SCREENSHOTS to a folder."""

import os
from pathlib import Path

from playwright.async_api import Page

SHOTS = "TENFOLD_SCREENSHOTS"


async def shoot(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep a picture where somebody asked for one."""
    if folder := os.environ.get(SHOTS):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)
