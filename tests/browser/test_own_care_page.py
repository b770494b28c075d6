"""Her own page in a real browser: the slip lets her in, she sees what is due and who looked, pauses, and withdraws."""

import asyncio
import json
import re
from pathlib import Path

from playwright.async_api import Page, ViewportSize, expect

from tests.accessible import faults
from tests.alerts_world import LIUQUAN, served
from tests.care_world import CareWorld
from tests.shots import shoot

pytest_plugins = ["tests.alerts", "tests.chromium"]
PHONE = ViewportSize(width=360, height=740)


async def slip(page: Page, url: str, cared: CareWorld, episode: str) -> str:
    """A worker makes a slip on the page; its code."""
    await page.goto(f"{url}/login")
    await page.locator("#code").fill(await cared.world.code(LIUQUAN))
    await page.locator("main button").click()
    await expect(page).to_have_url(f"{url}/worklist")
    await page.goto(f"{url}/episodes/{episode}")
    await page.get_by_text("她本人的页面").click()
    await page.get_by_role("button", name="打印登录条").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("登录条")
    await shoot(page, "slip")
    code = await page.locator(".slip .code").inner_text()
    for secret in ("王秀英", "产", "柳泉"):
        assert secret not in await page.locator(".slip").inner_text()
    await page.get_by_role("button", name="退出登录").click()
    await expect(page).to_have_url(f"{url}/login?out=true")
    return code


async def first_sign_in(page: Page, url: str, code: str) -> str:
    """She types what stands on her slip, and notes the code of her own that she is shown instead."""
    await page.goto(f"{url}/me")
    await page.get_by_label("代码").fill(code)
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("您自己的代码")
    assert await faults(page) == []
    await shoot(page, "own-code")
    own = await page.locator(".code").inner_text()
    await page.get_by_role("link", name="已抄下，继续").click()
    await expect(page).to_have_url(f"{url}/me")
    return own


async def sign_in(page: Page, url: str, code: str) -> None:
    """She types the code of her own."""
    await page.goto(f"{url}/me")
    await expect(page).to_have_url(re.compile("/me/login"))
    await page.get_by_label("代码").fill(code.lower().replace("-", " "))
    await page.get_by_role("button", name="登录").click()
    await expect(page).to_have_url(f"{url}/me")


async def test_she_sees_what_is_due_and_who_looked_and_takes_a_copy(
    cared: CareWorld, page: Page, tmp_path: Path
) -> None:
    episode = await cared.enrolled()
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        code = await slip(page, url, cared, episode)
        await first_sign_in(page, url, code)
        await expect(page.get_by_role("heading", level=1)).to_have_text("我的安排")
        await expect(page.locator(".task").first).to_contain_text("产前检查")
        await expect(page.locator(".task").first).to_contain_text("服务规范")
        assert await faults(page) == []
        await shoot(page, "own-care-phone-zh")
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="下载全部副本").click()
        kept = tmp_path / "copy.json"
        await (await waiting.value).save_as(kept)
        copied = json.loads(await asyncio.to_thread(kept.read_text, encoding="utf-8"))
        assert copied["episode"]["record"]["name"] == "王秀英"
        await page.get_by_role("link", name="谁看过").click()
        await expect(page.locator("tbody tr").filter(has_text="柳泉").first).to_contain_text("nurse")
        await expect(page.locator("tbody tr").filter(has_text="登录您的页面")).to_have_count(1)
        assert await faults(page) == []
        await page.get_by_role("link", name="English").click()
        await expect(page.locator("tbody tr").filter(has_text="enrolled you")).to_have_count(1)
        await shoot(page, "own-looks-phone-en")
        await page.goto(f"{url}/me?lang=en")
        assert await faults(page) == []
        await shoot(page, "own-care-phone-en")


async def test_she_pauses_resumes_and_withdraws_and_then_it_is_over(cared: CareWorld, page: Page) -> None:
    episode = await cared.enrolled()
    async with served(cared.world.app) as url:
        code = await slip(page, url, cared, episode)
        own = await first_sign_in(page, url, code)
        await page.get_by_role("button", name="暂停提醒").click()
        await expect(page.get_by_text("提醒已暂停。")).to_be_visible()
        assert await cared.contacts(episode, "open") == []
        await page.get_by_role("button", name="恢复提醒").click()
        await expect(page.get_by_role("button", name="暂停提醒")).to_be_visible()
        assert await cared.contacts(episode, "open") != []
        await page.get_by_role("link", name="撤回同意").click()
        await expect(page.get_by_text("您获得任何服务都不受影响。")).to_be_visible()
        await shoot(page, "own-withdrawal")
        await page.get_by_role("button", name="确认撤回").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("已结束")
        assert await page.locator("main").inner_text() == "已结束"
        await shoot(page, "own-over")
        await page.get_by_role("button", name="退出登录").click()
        await page.get_by_label("代码").fill(own)
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_role("alert")).to_have_text("代码无效。")
    assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404


async def test_a_new_slip_ends_the_one_before_and_the_session_it_opened(cared: CareWorld, page: Page) -> None:
    episode = await cared.enrolled()
    async with served(cared.world.app) as url:
        old = await slip(page, url, cared, episode)
        own = await first_sign_in(page, url, old)
        await page.get_by_role("button", name="退出登录").click()
        await expect(page).to_have_url(f"{url}/me/login?out=true")
        await sign_in(page, url, own)
        made = await cared.call("POST", f"/v1/episodes/{episode}/own-code")
        assert made.status_code == 201, made.text
        await page.goto(f"{url}/me")
        await expect(page).to_have_url(f"{url}/me/login?ended=true")
        await page.get_by_label("代码").fill(own)
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_role("alert")).to_have_text("代码无效。")
        await first_sign_in(page, url, made.json()["code"])
