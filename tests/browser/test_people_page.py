"""Looking somebody up in a real browser: the search is posted, and the timeline is a picture that a table repeats."""

import pytest
from playwright.async_api import Page, expect

from tests.alerts_world import served
from tests.histories import OTHER_TOWN, household, move, number, person
from tests.registry_pages_world import cut_off, sign_in
from tests.registry_world import LookUpWorld, RegistryWorld, says
from tests.shots import shoot

pytest_plugins = ["tests.registry", "tests.chromium"]

SECURITY = {"department": "public-security", "roles": ["clerk"], "purpose": "household-registration"}
WEI, FANG = person(1, "李伟"), person(2, "王芳")
WRONG = person(1, "李炜")


@pytest.fixture
async def lived(registry: RegistryWorld, lookups: LookUpWorld) -> LookUpWorld:
    """A life: entered with a wrong name that is corrected, married, moved, dead."""
    moved = {"person": WEI, **move(), **household(OTHER_TOWN, number_="H2")}
    for event in (
        says("household.registered", "h1", {"person": WRONG, **household()}, "2020-01-10"),
        says("household.registered", "h2", {"person": FANG, **household(number_="H3")}, "2020-01-10"),
        says("household.registered", "h1c", {"person": WEI, **household()}, "2020-01-10", action="corrected", of="h1"),
        says("marriage.registered", "m1", {"spouses": [FANG, WEI], "certificate_number": "M1"}, "2022-05-20"),
        says("migration.arrived", "a1", moved, "2023-03-01"),
        says("death.certified", "d1", {"person": WEI, "certificate_number": "D1"}, "2024-06-01", department="health"),
    ):
        await registry.apply(event)
    pool = registry.service.pool
    await pool.execute("UPDATE vital_event SET recorded_at = effective_on + interval '12 days 3 hours'")
    await pool.execute("UPDATE vital_event SET recorded_at = '2021-08-02T03:00:00Z' WHERE id = 'h1c'")
    return lookups


async def found(page: Page, url: str, lived: LookUpWorld) -> None:
    """Look Li Wei up by his number."""
    await sign_in(page, url, lived, leads_to="/corrections", **SECURITY)
    await page.goto(f"{url}/people")
    await page.get_by_label("号码", exact=True).fill(number(1)["value"])
    await page.locator("form", has=page.locator("#by-number")).get_by_role("button").click()


async def test_somebody_is_looked_up_and_the_timeline_is_drawn_and_told(lived: LookUpWorld, page: Page) -> None:
    async with served(lived.app) as url:
        await found(page, url, lived)
        await expect(page).to_have_url(f"{url}/people")
        await expect(page.get_by_role("heading", level=3)).to_contain_text("李伟")
        await shoot(page, "people-zh")
        await page.get_by_role("link", name="李伟的时间线").click()
        await expect(page.get_by_role("img", name="生效与得知")).to_be_visible()
        rows = page.get_by_role("table", name="时间线各项内容").get_by_role("row")
        await expect(rows.filter(has_text="李炜")).to_contain_text("查明不实")
        await expect(rows.filter(has_text="李伟")).to_contain_text("有效")
        await expect(rows.filter(has_text="死亡日期")).to_contain_text("卫生健康局")
        await expect(page.locator(".life rect.wrong")).to_have_count(1)
        await shoot(page, "person-zh")
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Timeline")
        await shoot(page, "person-en")
        rows_en = page.get_by_role("table", name="The timeline as a table").get_by_role("row")
        await page.get_by_label("As it was known at the end of this day").fill("2021-08-01")
        await page.get_by_role("button", name="Show").click()
        await expect(page.get_by_role("status")).to_contain_text("1 August 2021")
        await expect(rows_en.filter(has_text="李炜")).to_contain_text("counts")
        await expect(rows_en.filter(has_text="李伟")).to_have_count(0)
        await page.get_by_label("As it was known at the end of this day").fill("2020-01-01")
        await page.get_by_role("button", name="Show").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing here")


async def test_nothing_of_the_picture_covers_anything_and_nothing_is_outside_it(lived: LookUpWorld, page: Page) -> None:
    async with served(lived.app) as url:
        await found(page, url, lived)
        await page.get_by_role("link", name="李伟的时间线").click()
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Timeline")
        boxes = "all => all.map(e => e.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])"
        texts = await page.locator(".life text").evaluate_all(boxes)
        bars = await page.locator(".life rect").evaluate_all(boxes)
        names = await page.locator(".life .field").evaluate_all(boxes)
        assert max(right for _, _, right, _ in names) < min(left for left, _, _, _ in bars)
        (frame,) = await page.locator(".life svg").evaluate_all(boxes)
        for n, (left, top, right, bottom) in enumerate(texts):
            assert left >= frame[0]
            assert right <= frame[2]
            assert bottom <= frame[3]
            for other in texts[n + 1 :]:
                apart = right <= other[0] or other[2] <= left or bottom <= other[1] + 4 or other[3] <= top + 4
                assert apart, ((left, top, right, bottom), other)


async def test_a_search_that_is_not_allowed_says_why_and_keeps_no_number_in_an_address(
    lived: LookUpWorld, page: Page
) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    async with served(lived.app) as url:
        await sign_in(page, url, lived, leads_to="/corrections", **SECURITY)
        await page.goto(f"{url}/people?lang=en")
        await page.get_by_label("Number", exact=True).fill("110105199005170012")
        await page.locator("form", has=page.locator("#by-number")).get_by_role("button").click()
        await expect(page.get_by_role("alert")).to_contain_text("is not a valid resident identity number")
        await shoot(page, "people-refused-en")
        await page.get_by_label("Full name").fill("李*")
        await page.get_by_role("textbox", name="Birth date").fill("1990-05-17")
        await page.locator("form", has=page.locator("#by-name")).get_by_role("button").click()
        await expect(page.get_by_role("alert")).to_contain_text("must be a full name")
        await page.get_by_label("Full name").fill("李伟")
        await page.get_by_role("textbox", name="Birth date").fill("1990-05-17")
        await page.locator("form", has=page.locator("#by-name")).get_by_role("button").click()
        await expect(page.get_by_role("heading", name="1 found")).to_be_visible()
    assert all("1990" not in each and "%E6" not in each and each.startswith(url) for each in asked)
    assert complaints == []


async def test_looking_up_fits_a_phone(lived: LookUpWorld, page: Page) -> None:
    async with served(lived.app) as url:
        await page.set_viewport_size({"width": 360, "height": 740})
        await found(page, url, lived)
        assert not await cut_off(page)
        await shoot(page, "people-phone")
        await page.get_by_role("link", name="李伟的时间线").click()
        await shoot(page, "person-phone")
        assert not await cut_off(page)
