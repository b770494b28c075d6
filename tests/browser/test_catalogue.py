"""The catalogue in a real browser: readable in both languages and on a phone, asking nobody but the exchange."""

from playwright.async_api import Page, expect

from tests.exchange_world import Exchange, served
from tests.shots import shoot

pytest_plugins = ["tests.exchange", "tests.chromium"]


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
