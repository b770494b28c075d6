"""The administrators' overview in a real browser: the figures, and the picture of the flow between departments."""

from playwright.async_api import Page, expect

from tests.departments_world import Line
from tests.exchange_world import served
from tests.pages_world import SECRETS, code, played, sign_in, staff, too_wide
from tests.shots import shoot

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments", "tests.chromium"]


async def administrator(line: Line) -> str:
    return await code(line.exchange, roles=["administrator"])


async def test_an_administrator_sees_who_reported_and_who_was_told_in_both_languages(line: Line, page: Page) -> None:
    await played(line)
    async with served(line.exchange.app) as url:
        await sign_in(page, url, await administrator(line), leads_to="/overview")
        await expect(page.get_by_role("heading", level=1)).to_have_text("总览")
        reports = page.locator("section", has=page.locator("#reports"))
        security = reports.get_by_role("row", name="公安局")
        await expect(security.get_by_role("cell").first).to_have_text("12")
        await expect(reports.get_by_role("row", name="合计").get_by_role("cell").first).to_have_text("17")
        await shoot(page, "overview-zh")
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        await expect(reports.get_by_role("row", name="Public Security").get_by_role("cell").first).to_have_text("12")
        await shoot(page, "overview-en")


async def test_the_picture_says_what_the_table_says_and_keeps_its_names_apart(line: Line, page: Page) -> None:
    await played(line)
    async with served(line.exchange.app) as url:
        await sign_in(page, url, await administrator(line), leads_to="/overview")
        for language in ("zh-CN", "en"):
            await page.goto(f"{url}/overview?lang={language}")
            picture = page.get_by_role("img")
            await expect(picture).to_have_accessible_name(
                "部门之间的数据流向" if language == "zh-CN" else "The flow between departments"
            )
            described = await page.locator("#flow-desc").text_content()
            assert described is not None
            assert "17" in described
            assert await page.locator("svg .in path").count() == 4
            boxes = await page.locator("svg text").evaluate_all(
                "all => all.map(each => each.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])"
            )
            frame = await page.locator("svg").evaluate(
                "each => (b => [b.left, b.top, b.right, b.bottom])(each.getBoundingClientRect())"
            )
            for n, (left, top, right, bottom) in enumerate(boxes):
                assert left >= frame[0]
                assert right <= frame[2]
                for other in boxes[n + 1 :]:
                    apart = right <= other[0] or other[2] <= left or bottom <= other[1] + 4 or other[3] <= top + 4
                    assert apart, (boxes[n], other)


async def test_nobody_else_sees_it_and_it_shows_no_person(line: Line, page: Page) -> None:
    await played(line)
    async with served(line.exchange.app) as url:
        await sign_in(page, url, await staff(line.exchange, "health"))
        await page.goto(f"{url}/overview")
        await expect(page.get_by_role("heading", level=1)).to_have_text("无权查看")
        await sign_in(page, url, await administrator(line), leads_to="/overview")
        shown = await page.content()
        for secret in (*SECRETS, "hh-2024", "k1."):
            assert secret not in shown


async def test_an_empty_county_has_a_page_too_and_it_fits_a_phone(line: Line, page: Page) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    async with served(line.exchange.app) as url:
        await sign_in(page, url, await administrator(line), leads_to="/overview")
        await shoot(page, "overview-empty")
        await page.set_viewport_size({"width": 360, "height": 740})
        assert not await too_wide(page)
        await shoot(page, "overview-phone-empty")
        await played(line)
        await page.reload()
        assert not await too_wide(page)
        assert await page.locator("script").count() == 0
        await shoot(page, "overview-phone")
        assert all(address.startswith(url) for address in asked)
    assert complaints == []
