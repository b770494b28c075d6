"""A care worker in a real browser: signs in with a code, reads the list in both languages, takes down a refusal."""

from datetime import timedelta

from playwright.async_api import Page, expect

from tests.alerts_world import BORN, DAY_15, World, person, served, wish
from tests.shots import shoot

pytest_plugins = ["tests.alerts", "tests.chromium"]

FAMILIES = [("王秀英", None, 20), ("李娜", "陈思远", 40), ("欧阳雪梅", "欧阳明", 17), ("张丽", None, 29)]


async def families(world: World) -> None:
    """Four mothers in Liuquan asked for help; one of them is late."""
    today = DAY_15 + timedelta(days=30)
    for n, (mother, child, days) in enumerate(FAMILIES):
        told = wish(
            f"child-{n}",
            f"mother-{n}",
            mother_name=mother,
            child_name=child,
            born_on=(today - timedelta(days=days)).isoformat(),
        )
        await world.tell(person(f"mother-{n}"), told)
    await world.on(today)


async def sign_in(page: Page, url: str, world: World) -> None:
    """Sign in with a fresh code."""
    await page.goto(f"{url}/worklist")
    await expect(page).to_have_url(f"{url}/login")
    await shoot(page, "login")
    await page.get_by_label("一次性登录码").fill(await world.code())
    await page.get_by_role("button", name="登录").click()
    await expect(page).to_have_url(f"{url}/worklist")


async def test_a_care_worker_signs_in_reads_refuses_and_signs_out(world: World, page: Page) -> None:
    await families(world)
    async with served(world.app) as url:
        await sign_in(page, url, world)
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(4)
        await expect(rows.first).to_contain_text("李娜")
        await expect(rows.first).to_contain_text("已超期")
        await expect(page.get_by_role("row", name="王秀英")).to_contain_text("尚未取名")
        await shoot(page, "worklist-zh")

        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Worklist")
        await expect(rows.first).to_contain_text("overdue")
        await expect(page.get_by_text("Article 7")).to_be_visible()
        await shoot(page, "worklist-en")

        await page.get_by_role("link", name="No help wanted: 张丽").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that no help is wanted")
        await shoot(page, "refusal")
        await page.get_by_role("button", name="Yes, close the task").click()
        await expect(page.get_by_role("status")).to_have_text("Noted. The task is closed.")
        await expect(rows).to_have_count(3)
        await expect(page.get_by_text("张丽")).to_have_count(0)
        await shoot(page, "noted")

        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("status")).to_have_text("You are signed out.")
        await page.goto(f"{url}/worklist")
        await expect(page).to_have_url(f"{url}/login")


async def test_a_wrong_code_is_told_and_an_empty_list_says_so(world: World, page: Page) -> None:
    async with served(world.app) as url:
        await page.goto(f"{url}/login")
        await page.get_by_label("一次性登录码").fill("AAAAA-AAAAA")
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_role("alert")).to_contain_text("登录码无效")
        await shoot(page, "wrong-code")
        await sign_in(page, url, world)
        await expect(page.get_by_text("目前没有待协助的家庭。")).to_be_visible()
        await shoot(page, "empty")


async def test_the_page_loads_nothing_from_elsewhere_and_runs_no_script(world: World, page: Page) -> None:
    await families(world)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    async with served(world.app) as url:
        await sign_in(page, url, world)
        assert all(address.startswith(url) for address in asked)
        assert await page.locator("script").count() == 0
        assert complaints == []


async def test_every_cell_fits_and_every_control_can_be_reached_by_keyboard(world: World, page: Page) -> None:
    await families(world)
    async with served(world.app) as url:
        await sign_in(page, url, world)
        await page.set_viewport_size({"width": 390, "height": 800})
        wider = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wider
        await shoot(page, "worklist-narrow")
        reached: set[str] = set()
        for _ in range(12):
            await page.keyboard.press("Tab")
            reached.add(await page.evaluate("document.activeElement.textContent.trim()"))
        assert {"跳到正文", "English", "退出登录", "不需要协助"} <= reached


async def test_on_paper_only_the_list_is_left(world: World, page: Page) -> None:
    await families(world)
    async with served(world.app) as url:
        await sign_in(page, url, world)
        await page.emulate_media(media="print")
        await expect(page.get_by_role("link", name="English")).to_be_hidden()
        await expect(page.locator("td.act").first).to_be_hidden()
        await expect(page.locator("tbody tr")).to_have_count(4)
        await shoot(page, "worklist-paper")


def test_the_latest_birth_in_these_tests_is_past_its_fifteenth_day() -> None:
    assert all(days >= (DAY_15 - BORN).days for _, _, days in FAMILIES)
