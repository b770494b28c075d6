"""A care worker's day in a real browser, on a small phone: enrols with consent, does what is due, takes it back."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from tests.accessible import faults, reached
from tests.alerts_world import BORN, DONGMING, LIUQUAN, served
from tests.care_pages_world import PHONE, sign_in
from tests.care_world import CareWorld, enrolment
from tests.shots import shoot

pytest_plugins = ["tests.alerts", "tests.chromium"]
UNCHECKED = "form => { form.noValidate = true; form.submit(); }"
NAMES = ["王秀英", "李娜", "欧阳雪梅", "周慧"]


async def women(cared: CareWorld) -> list[str]:
    """Four women in their ninth, nineteenth, thirty-sixth and second week; their episodes."""
    found = []
    for name, weeks in zip(NAMES, (9, 19, 36, 2), strict=True):
        body = enrolment(cared.today - timedelta(weeks=weeks))
        body["care"]["person"]["name"] = name
        found.append(await cared.enrolled(body))
    return found


async def enrol(page: Page, url: str, name: str, lmp: str) -> None:
    """Fill in the form as a worker does."""
    await page.goto(f"{url}/enrolment")
    await page.get_by_label("本人阅读").check()
    await page.get_by_label("她本人同意").check()
    await page.get_by_label("姓名").fill(name)
    await page.get_by_label("号码或地址").fill("13800000001")
    await page.get_by_label("不联系").fill("婆婆\n邻居")
    await page.get_by_label("末次月经第一天").fill(lmp)
    await page.get_by_role("button", name="登记", exact=True).click()


async def test_a_woman_is_enrolled_with_her_consent_and_her_plan_is_there(cared: CareWorld, page: Page) -> None:
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        await page.get_by_role("link", name="登记", exact=True).click()
        await expect(page.get_by_text("我可以随时暂停或撤回同意")).to_be_visible()
        await page.get_by_role("link", name="English").nth(1).click()
        await expect(page.locator("blockquote")).to_contain_text("I may pause or withdraw at any time")
        await shoot(page, "enrolment-phone")
        await enrol(page, url, "王秀英", "")
        await expect(page.get_by_role("alert")).to_contain_text("需要末次月经日期或预产期")
        await expect(page.get_by_label("姓名")).to_have_value("王秀英")
        await shoot(page, "enrolment-fault")
        await enrol(page, url, "王秀英", cared.lmp.isoformat())
        await expect(page.get_by_role("status")).to_have_text("已登记。")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("王秀英")
        await expect(page.get_by_text("婆婆，邻居")).to_be_visible()
        await expect(page.get_by_role("heading", name="孕早期")).to_be_visible()
        await shoot(page, "episode-phone")
        assert await faults(page) == []
        await shoot(page, "episode-phone-unfolded")


async def test_without_her_consent_nobody_is_enrolled(cared: CareWorld, page: Page) -> None:
    async with served(cared.world.app) as url:
        await sign_in(page, url, cared)
        await page.goto(f"{url}/enrolment")
        await page.get_by_label("姓名").fill("王秀英")
        await page.get_by_label("末次月经第一天").fill(cared.lmp.isoformat())
        await page.locator("form.enrol").evaluate(UNCHECKED)
        await expect(page.get_by_role("alert")).to_be_visible()
    assert await cared.care.pool.fetchval("SELECT count(*) FROM episode") == 0


async def test_one_tap_records_one_more_takes_it_back(cared: CareWorld, page: Page) -> None:
    await women(cared)
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        cards = page.locator(".task")
        before = await cards.count()
        card = cards.filter(has_text="王秀英")
        await expect(card).to_contain_text("不联系: 婆婆")
        await shoot(page, "care-worklist-phone-zh")
        await card.get_by_role("button", name="今日已完成").click()
        await expect(page.get_by_text("已记录。")).to_be_visible()
        await expect(cards).to_have_count(before - 1)
        await shoot(page, "care-recorded-phone")
        await page.get_by_role("button", name="撤销").click()
        await expect(page.get_by_text("已撤销，任务恢复。")).to_be_visible()
        await expect(cards).to_have_count(before)


async def test_a_second_tap_on_an_old_page_and_another_outcome_meanwhile_are_told(cared: CareWorld, page: Page) -> None:
    (episode, *_) = await women(cared)
    async with served(cared.world.app) as url:
        await sign_in(page, url, cared)
        await page.goto(f"{url}/worklist?lang=en")
        card = page.locator(".task").filter(has_text="王秀英")
        (contact, *_) = await cared.contacts(episode, "open")
        assert (await cared.outcome(episode, contact["contact"], "declined")).status_code == 200
        await card.get_by_role("button", name="Done today").click()
        await expect(page.get_by_role("status").first).to_contain_text("Somebody recorded another outcome")
        await shoot(page, "care-otherwise")
        assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
        await page.goto(f"{url}/worklist/{contact['contact']}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing here")
        await expect(page.get_by_text("closed a moment ago")).to_be_visible()


async def test_other_outcomes_are_one_more_tap_away_and_a_wrong_task_is_reported(cared: CareWorld, page: Page) -> None:
    await women(cared)
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared, "care-worker", "supervisor")
        before = await page.locator(".task").count()
        await page.locator(".task").filter(has_text="王秀英").get_by_role("link", name="其他").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("任务")
        await shoot(page, "task-phone")
        assert await faults(page) == []
        await page.get_by_label("日期", exact=True).fill((cared.today + timedelta(days=1)).isoformat())
        await (
            page.locator("form")
            .filter(has_text="记录为已完成")
            .evaluate("form => { form.noValidate = true; form.submit(); }")
        )
        await expect(page.get_by_role("alert")).to_contain_text("晚于今天")
        await page.get_by_label("本人谢绝").check()
        await page.get_by_role("button", name="记录", exact=True).click()
        await expect(page.locator(".task")).to_have_count(before - 1)
        await page.locator(".task").first.get_by_role("link", name="其他").click()
        await page.get_by_label("对象有误").check()
        await page.locator("#note-wrong").fill("不是她本人")
        await page.get_by_role("button", name="报告").click()
        await expect(page.get_by_role("status").first).to_have_text("已报告本机构主管。")
        await page.get_by_role("link", name="督导").click()
        await expect(page.locator(".task")).to_contain_text("对象有误")
        for secret in (*NAMES, "不是她本人", "产"):
            assert secret not in await page.locator("main").inner_text()
        await shoot(page, "supervision-phone")
        assert await faults(page) == []
        await page.get_by_role("button", name="已处理").click()
        await expect(page.get_by_text("没有。")).to_be_visible()


async def test_other_dates_show_what_would_move_before_it_does(cared: CareWorld, page: Page) -> None:
    (episode, *_) = await women(cared)
    async with served(cared.world.app) as url:
        await sign_in(page, url, cared)
        await page.goto(f"{url}/episodes/{episode}?lang=en")
        before = await cared.contacts(episode)
        await page.get_by_text("Revise the dates").click()
        await page.get_by_label("First day of the last period").fill((cared.lmp - timedelta(days=14)).isoformat())
        await page.get_by_role("button", name="Show what would move").first.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("What would move")
        await expect(page.locator("tbody tr").first).to_be_visible()
        await shoot(page, "moves-en")
        assert await faults(page) == []
        assert await cared.contacts(episode) == before
        await page.get_by_role("button", name="Yes, change it").click()
        await expect(page.get_by_role("status")).to_contain_text("The dates are changed")
        assert await cared.contacts(episode) != before


async def test_a_birth_is_recorded_after_a_look_at_what_it_changes(cared: CareWorld, page: Page) -> None:
    (_, _, episode, _) = await women(cared)
    async with served(cared.world.app) as url:
        await sign_in(page, url, cared)
        await page.goto(f"{url}/episodes/{episode}?lang=en")
        await page.get_by_text("Record the birth").click()
        await page.get_by_label("Day of birth").fill(cared.today.isoformat())
        await page.get_by_label("Children", exact=True).select_option("2")
        await page.locator("details[open]").get_by_role("button", name="Show what would move").click()
        await expect(page.locator("tbody")).to_contain_text("(new)")
        await shoot(page, "moves-birth-en")
        await page.get_by_role("button", name="Yes, change it").click()
        await expect(page.get_by_role("status")).to_have_text("The birth is recorded.")
        await expect(page.get_by_role("region", name="Plan", exact=True)).to_contain_text("child 2")
        await shoot(page, "episode-after-birth-en")


async def test_pause_resume_end_and_withdraw_by_page(cared: CareWorld, page: Page) -> None:
    (episode, *_) = await women(cared)
    async with served(cared.world.app) as url:
        await sign_in(page, url, cared)
        await page.goto(f"{url}/episodes/{episode}?lang=en")
        await page.get_by_text("Pause or resume reminders").click()
        await page.get_by_role("button", name="Pause").click()
        await expect(page.get_by_role("status")).to_have_text("Reminders are paused.")
        await page.get_by_text("Pause or resume reminders").click()
        await page.get_by_role("button", name="Resume").click()
        await expect(page.get_by_role("status")).to_have_text("Reminders go on.")
        await page.get_by_role("link", name="She withdraws her consent").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Withdraw consent")
        await shoot(page, "withdrawal-en")
        await page.get_by_role("button", name="Yes, withdraw").click()
        await expect(page.get_by_role("status").first).to_contain_text("Consent is withdrawn")
        await page.goto(f"{url}/episodes/{episode}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing here")


async def test_an_episode_is_offered_once_she_agreed_and_accepted_elsewhere(cared: CareWorld, page: Page) -> None:
    (episode, *_) = await women(cared)
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        await page.goto(f"{url}/episodes/{episode}?lang=en")
        await page.get_by_role("link", name="Hand over", exact=True).click()
        await page.get_by_label("To whom").select_option(DONGMING)
        await page.get_by_role("button", name="Show").click()
        await expect(page.locator("blockquote")).to_be_visible()
        await page.get_by_label("She read it").check()
        await page.get_by_label("She agrees").check()
        assert await faults(page) == []
        await shoot(page, "handover-en")
        await page.get_by_role("button", name="Offer it").click()
        await expect(page.get_by_role("status")).to_contain_text("The duty stays here until it is accepted")
        await page.get_by_role("link", name="Hand-overs").click()
        await expect(page.get_by_role("button", name="Take it back")).to_be_visible()
        assert await faults(page) == []
        await shoot(page, "handovers-en")
        await page.context.clear_cookies()
        await page.goto(f"{url}/login")
        await page.locator("#code").fill(await cared.world.code(DONGMING))
        await page.locator("main button").click()
        await expect(page).to_have_url(f"{url}/worklist")
        await page.goto(f"{url}/handovers?lang=en")
        assert "王秀英" not in await page.content()
        await page.get_by_role("button", name="Accept").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("王秀英")
    assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404


async def test_whom_to_ask_what_waits_and_who_is_away_stand_apart(cared: CareWorld, page: Page) -> None:
    (asked, offered, away) = [UUID(each) for each in (await women(cared))[:3]]
    for episode, state, until in ((asked, "asking", None), (offered, "offered", None), (away, "accepted", BORN)):
        await cared.care.pool.execute(
            "INSERT INTO handover (handover_id, episode_id, from_facility, to_facility, area, state, since, until) "
            "VALUES (gen_random_uuid(), $1, $2, $3, '370102902', $4, $5, $6)",
            *(episode, LIUQUAN, DONGMING, state, cared.today, until),
        )
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        await page.goto(f"{url}/handovers?lang=en")
        await expect(page.get_by_role("button", name="Take it back")).to_have_count(1)
        await expect(page.get_by_role("region", name="Elsewhere for a stay").get_by_role("link")).to_have_count(0)
        assert await faults(page) == []
        await shoot(page, "handovers-three-en")
        await page.get_by_role("region", name="Ask her").get_by_role("link", name="Tell her and ask").click()
        await expect(page.locator("blockquote")).to_contain_text("Dongming")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_page_is_accessible_and_fits_a_small_phone_without_scripts(
    cared: CareWorld, page: Page, language: str
) -> None:
    (episode, *_) = await women(cared)
    (contact, *_) = await cared.contacts(episode, "open")
    assert page.context.browser is not None
    async with served(cared.world.app) as url:
        await sign_in(page, url, cared, "care-worker", "supervisor")
        await page.set_viewport_size(PHONE)
        paths = (
            "/worklist",
            f"/worklist/{contact['contact']}",
            "/worklist/paper",
            "/enrolment",
            f"/episodes/{episode}",
        )
        for path in (*paths, f"/episodes/{episode}/withdrawal", "/supervision"):
            answer = await page.goto(f"{url}{path}?lang={language}")
            assert answer is not None
            assert (answer.status, answer.headers["cache-control"]) == (200, "no-store"), path
            assert await faults(page) == [], path
        plain = await page.context.browser.new_context(
            java_script_enabled=False, viewport={"width": 360, "height": 740}
        )
        await plain.add_cookies(await page.context.cookies())  # type: ignore[arg-type] # the same shape, read and written
        still = await plain.new_page()
        await still.goto(f"{url}/worklist?lang={language}")
        before = await still.locator(".task").count()
        await still.locator(".task").filter(has_text="王秀英").locator("button").click()
        await expect(still.locator(".task")).to_have_count(before - 1)
        await still.locator(".undo button").click()
        await expect(still.locator(".task")).to_have_count(before)
        await plain.close()


async def test_the_worklist_can_be_worked_by_keyboard_alone(cared: CareWorld, page: Page) -> None:
    await women(cared)
    async with served(cared.world.app) as url:
        await sign_in(page, url, cared)
        await page.goto(f"{url}/worklist?lang=en")
        order = await reached(page)
        assert order[0] == "Skip to content"
        where = [
            order.index(each) for each in ("Worklist", "To do", "Filter", "Done today", "Other…", "Print the list")
        ]
        assert where == sorted(where)
        before = await page.locator(".task").count()
        await page.evaluate("document.activeElement.blur()")
        for _ in order:
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.innerText === 'Done today'"):
                break
        await page.keyboard.press("Enter")
        await expect(page.locator(".task")).to_have_count(before - 1)
        await shoot(page, "care-worklist-en")


async def test_filters_show_only_what_is_asked_for(cared: CareWorld, page: Page) -> None:
    await women(cared)
    body = enrolment(cared.lmp)
    body["care"] |= {"worker": "zhao.min", "schedules": [{"schedule": "who-antenatal", "version": "2016"}]}
    body["care"]["person"]["name"] = "赵敏之友"
    await cared.enrolled(body)
    async with served(cared.world.app) as url:
        await sign_in(page, url, cared)
        await page.goto(f"{url}/worklist?when=soon")
        everything = await page.locator(".task").count()
        await page.goto(f"{url}/worklist?mine=true")
        await expect(page.locator(".task").filter(has_text="赵敏之友")).to_have_count(0)
        await expect(page.locator(".task").first).to_be_visible()
        await page.goto(f"{url}/worklist?schedule=who-antenatal&when=soon")
        await expect(page.locator(".task").filter(has_text="王秀英")).to_have_count(0)
        assert await page.locator(".task").count() <= everything
        await page.goto(f"{url}/worklist?kind=child")
        await expect(page.locator(".task")).to_have_count(0)
