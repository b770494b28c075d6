"""In a browser, on a small phone: asked again for consent, a link decided about, and a birth that a tap leads to."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from tests.accessible import faults
from tests.alerts_world import person, served
from tests.care_pages_world import PHONE, sign_in
from tests.care_world import NUMBER, CareWorld, enrolment
from tests.shots import shoot

pytest_plugins = ["tests.alerts", "tests.chromium"]


async def test_done_today_leads_to_the_birth_and_still_pregnant_back(cared: CareWorld, page: Page) -> None:
    await cared.enrolled(enrolment(cared.today - timedelta(days=288)))
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        await page.goto(f"{url}/worklist?lang=en")
        task = page.locator(".task").filter(has_text="Ask about the birth")
        await task.get_by_role("button", name="Done today").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Is the baby born?")
        assert await faults(page) == []
        await shoot(page, "birth-en")
        await page.get_by_role("link", name="Still pregnant").click()
        await expect(page.get_by_role("status").first).to_contain_text("the task stays on the list")
        await task.get_by_role("button", name="Done today").click()
        await page.get_by_label("Day of birth").fill(cared.today.isoformat())
        await page.get_by_role("button", name="Show what would move").click()
        await page.get_by_role("button", name="Yes, change it").click()
        await expect(page.get_by_role("status")).to_have_text("The birth is recorded.")
        await page.goto(f"{url}/worklist")
        await expect(page.locator(".task").filter(has_text="Ask about the birth")).to_have_count(0)


async def test_what_was_filled_in_at_the_task_is_recorded_with_the_birth(cared: CareWorld, page: Page) -> None:
    episode = await cared.enrolled(enrolment(cared.today - timedelta(days=288)))
    (task,) = [each for each in await cared.contacts(episode, "open", "overdue") if each["code"] == "ask-about-birth"]
    asked, born = cared.today - timedelta(days=1), cared.today - timedelta(days=3)
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        await page.goto(f"{url}/worklist/{task['contact']}?lang=en")
        await page.get_by_label("Day", exact=True).fill(asked.isoformat())
        await page.get_by_label("Referred").check()
        await page.locator("#note-done").fill("双胞胎，周二出生 <b>")
        await page.get_by_role("button", name="Record as done").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Is the baby born?")
        await expect(page.get_by_role("region", name="What you filled in")).to_contain_text("双胞胎，周二出生 <b>")
        assert await faults(page) == []
        await shoot(page, "birth-kept-en")
        await page.get_by_label("Day of birth").fill(born.isoformat())
        await page.get_by_label("Children", exact=True).select_option("2")
        await page.locator("#discharged_on_2").fill("2020-01-01")
        await page.get_by_role("button", name="Show what would move").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_label("Day of birth")).to_have_value(born.isoformat())
        await expect(page.locator("#discharged_on_2")).to_have_value("2020-01-01")
        await expect(page.get_by_role("region", name="What you filled in")).to_contain_text("双胞胎")
        assert (await cared.read(episode))["record"]["delivered_on"] is None
        await page.locator("#discharged_on_2").fill("")
        await page.get_by_role("button", name="Show what would move").click()
        await page.get_by_role("button", name="Yes, change it").click()
        await expect(page.get_by_role("status")).to_contain_text("and with it what you filled in")
    (told,) = [each for each in await cared.contacts(episode) if each["contact"] == task["contact"]]
    assert (told["state"], told["outcome"]["kind"]) == ("closed", "done")
    assert (told["outcome"]["on"], told["outcome"]["note"]) == (asked.isoformat(), "双胞胎，周二出生 <b>")
    assert [each for each in await cared.contacts(episode) if each["schedule"] == "cn-referral"]
    assert len((await cared.read(episode))["record"]["children"]) == 2


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_an_episode_with_all_there_is_to_decide(cared: CareWorld, page: Page, language: str) -> None:
    await cared.registered()
    episode = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    await cared.world.tell(person("mother", indexes=[], area=None))
    (task, *_) = await cared.contacts(episode, "open")
    wrong = {"wrong": "wrong-date", "note": "上周已做"}
    assert (await cared.call("POST", f"/v1/worklist/{task['contact']}/wrong", wrong)).status_code == 204
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        await page.goto(f"{url}/worklist/{task['contact']}?lang={language}")
        await expect(page.get_by_text("上周已做")).to_be_visible()
        assert await faults(page) == []
        await page.goto(f"{url}/episodes/{episode}")
        await shoot(page, f"decide-{language}")
        assert await faults(page) == []
        await shoot(page, f"decide-unfolded-{language}")
        await page.goto(f"{url}/episodes/{episode}/consent")
        assert await faults(page) == []
        await shoot(page, f"consent-{language}")
        await page.locator("input[value=in-person-spoken]").check()
        await page.locator("input[name=agrees]").check()
        await page.locator("main form button").click()
        await expect(page.get_by_role("status")).to_contain_text("同意已更新" if language == "zh-CN" else "is recorded")
        await page.locator("#to-decide").wait_for()
        await page.locator("section[aria-labelledby=to-decide] button").first.click()
        await expect(page.locator("#to-decide")).to_have_count(0)
