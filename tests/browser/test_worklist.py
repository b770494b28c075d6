"""A care worker in a real browser: signs in with a code, reads the list in both languages, takes down a refusal."""

from datetime import timedelta

from playwright.async_api import Page, expect

from tests.accessible import reached
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
        rows = page.locator(".task")
        await expect(rows).to_have_count(4)
        await expect(rows.first).to_contain_text("李娜")
        await expect(rows.first).to_contain_text("已超期")
        await expect(rows.filter(has_text="王秀英")).to_contain_text("尚未取名")
        await shoot(page, "worklist-zh")

        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Worklist")
        await expect(rows.first).to_contain_text("overdue")
        await expect(page.get_by_text("Article 7").first).to_be_visible()
        await shoot(page, "worklist-en")

        await rows.filter(has_text="张丽").get_by_role("link", name="No help wanted").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that no help is wanted")
        await shoot(page, "refusal")
        await page.get_by_role("button", name="Yes, close the task").click()
        await expect(page.get_by_text("Noted. The task is closed.")).to_be_visible()
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
        await expect(page.get_by_text("此处目前没有任务。")).to_be_visible()
        await shoot(page, "empty")


async def test_the_page_loads_nothing_from_elsewhere_and_runs_only_its_own_script(world: World, page: Page) -> None:
    await families(world)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    async with served(world.app) as url:
        await sign_in(page, url, world)
        assert all(address.startswith(url) for address in asked)
        assert await page.locator("script").evaluate_all("all => all.map(each => [each.src, each.textContent])") == [
            [f"{url}/static/worklist.js", ""]
        ]
        await page.goto(f"{url}/worklist/paper")
        assert await page.locator("script").count() == 0
        assert complaints == []


async def test_what_changes_meanwhile_is_counted_and_shown_only_on_a_tap(world: World, page: Page) -> None:
    await families(world)
    async with served(world.app) as url:
        await sign_in(page, url, world)
        await expect(page.get_by_role("link", name="项变动")).to_have_count(0)
        born = (world.today - timedelta(days=16)).isoformat()
        await world.tell(person("mother-5"), wish("child-5", "mother-5", mother_name="周慧", born_on=born))
        await expect(page.get_by_role("link", name="有 1 项变动，点此更新")).to_be_visible()
        await world.tell(person("mother-6"), wish("child-6", "mother-6", mother_name="吴敏", born_on=born))
        live = page.get_by_role("link", name="有 2 项变动，点此更新")
        await expect(live).to_be_visible()
        await expect(page.locator(".task")).to_have_count(4)
        await shoot(page, "worklist-live")
        await live.click()
        await expect(page.locator(".task")).to_have_count(6)
        await expect(page.get_by_role("link", name="项变动")).to_have_count(0)


async def test_a_session_that_is_over_is_said_to_be_over(world: World, page: Page) -> None:
    await families(world)
    async with served(world.app) as url:
        await sign_in(page, url, world)
        await page.get_by_role("link", name="不需要协助").first.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("确认不需要协助")
        await world.alerts.service.pool.execute("DELETE FROM login_session")
        await page.get_by_role("button", name="确认，结束任务").click()
        await expect(page.get_by_role("status")).to_contain_text("没有保存")
        await shoot(page, "session-ended")
    assert len(await world.worklist()) == len(FAMILIES)


async def test_without_scripts_the_list_is_the_same(world: World, page: Page) -> None:
    await families(world)
    assert page.context.browser is not None
    plain = await page.context.browser.new_context(
        locale="zh-CN", java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    still = await plain.new_page()
    async with served(world.app) as url:
        await sign_in(still, url, world)
        await expect(still.locator(".task")).to_have_count(4)
        await still.get_by_role("link", name="已超期").click()
        await expect(still.locator(".task")).to_have_count(1)
        await shoot(still, "worklist-phone-overdue")
        await still.get_by_role("link", name="两周内").click()
        await expect(still.get_by_text("此处目前没有任务。")).to_be_visible()
        await still.get_by_role("link", name="今天可办").click()
        await expect(still.locator(".task")).to_have_count(3)
        await still.get_by_text("筛选").click()
        await still.get_by_label("服务种类").select_option("child")
        await still.get_by_role("button", name="显示").click()
        await expect(still.locator(".task")).to_have_count(0)
        await expect(still.get_by_label("服务种类")).to_have_value("child")
        await shoot(still, "worklist-phone-filtered")
    await plain.close()


async def test_many_tasks_come_in_pages_and_none_is_lost(world: World, page: Page) -> None:
    for n in range(120):
        born = (DAY_15 + timedelta(days=n // 10)).isoformat()
        await world.tell(person(f"mother-{n}"), wish(f"child-{n}", f"mother-{n}", mother_name=f"母亲{n}", born_on=born))
    await world.on(DAY_15 + timedelta(days=31))
    seen: list[str] = []
    async with served(world.app) as url:
        await sign_in(page, url, world)
        for rows in (50, 50, 20):
            await expect(page.locator(".task")).to_have_count(rows)
            seen += await page.locator(".task h2").all_inner_texts()
            if rows == 50:
                first = await page.locator(".task h2").first.inner_text()
                await page.get_by_role("link", name="下一页").click()
                await expect(page.locator(".task h2").first).not_to_have_text(first)
        assert len({name.split()[0] for name in seen}) == 120
        await page.get_by_role("link", name="回到第一页").click()
        await expect(page.locator(".task")).to_have_count(50)


async def test_every_card_fits_and_every_control_can_be_reached_by_keyboard(world: World, page: Page) -> None:
    await families(world)
    async with served(world.app) as url:
        await sign_in(page, url, world)
        await page.set_viewport_size({"width": 360, "height": 740})
        wider = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wider
        await shoot(page, "worklist-phone-zh")
        came_to = set(await reached(page))
        assert {"跳到正文", "English", "退出登录", "筛选", "不需要协助", "打印清单"} <= came_to
        await page.goto(f"{url}/worklist?lang=en")
        await shoot(page, "worklist-phone-en")


async def test_on_paper_only_the_list_is_left(world: World, page: Page) -> None:
    await families(world)
    async with served(world.app) as url:
        await sign_in(page, url, world)
        await page.get_by_role("link", name="打印清单").click()
        await expect(page.locator("tbody tr")).to_have_count(4)
        await page.emulate_media(media="print")
        await expect(page.get_by_role("link", name="English")).to_be_hidden()
        await expect(page.locator("main a").filter(visible=True)).to_have_count(0)
        await expect(page.locator("tbody tr")).to_have_count(4)
        await shoot(page, "worklist-paper")


def test_the_latest_birth_in_these_tests_is_past_its_fifteenth_day() -> None:
    assert all(days >= (DAY_15 - BORN).days for _, _, days in FAMILIES)
