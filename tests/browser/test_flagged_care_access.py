"""Flagged accesses in a real browser: a supervisor is told of them, reads them and decides. No scripts."""

from datetime import timedelta

from playwright.async_api import Page, ViewportSize, expect

from services.alerts.misuse.judging import Judge
from services.alerts.misuse.limits import load
from shared import clock
from tests.accessible import faults, reached
from tests.alerts_world import LIUQUAN, served
from tests.care_world import CareWorld
from tests.shots import shoot

pytest_plugins = ["tests.alerts", "tests.chromium"]
PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1180, height=800)
WHY = "核对登记，已与本人谈过。"


async def flagged(cared: CareWorld) -> str:
    """A worker opened two records without anything to do there."""
    episodes = [await cared.enrolled() for _ in range(2)]
    for each in episodes:
        assert (await cared.call("GET", f"/v1/episodes/{each}", subject="curious")).status_code == 200
    usual = load()
    above = {"many-without-act": 1, "same-again": 0}
    rules = [each.model_copy(update={"above": above.get(each.rule, 1_000)}) for each in usual.rules]
    told = usual.model_copy(update={"rules": rules})
    assert await Judge(cared.care.pool, told, lambda: clock.today() + timedelta(days=2)).once()
    return episodes[0]


async def test_a_supervisor_reads_what_was_noticed_and_decides(cared: CareWorld, page: Page) -> None:
    episode = await flagged(cared)
    async with served(cared.world.app) as url:
        await page.set_viewport_size(DESK)
        await page.goto(f"{url}/login")
        await page.locator("#code").fill(await cared.world.code(LIUQUAN, ["supervisor"]))
        await page.locator("main button").click()
        await expect(page.get_by_role("link", name="异常查看", exact=True)).to_be_visible()
        await page.goto(f"{url}/supervision")
        assert await faults(page) == []
        await page.get_by_role("link", name="待处理的异常查看：3").click()
        await expect(page.locator("article")).to_have_count(3)
        first = page.locator("article").first
        await expect(first).to_contain_text("curious")
        await expect(first).to_contain_text("柳泉社区卫生服务中心 · 2份记录（超过1份时提示）")
        for hidden in ("王秀英", episode, "care:"):
            assert hidden not in await page.content()
        await first.locator("summary").click()
        await expect(first.get_by_role("button", name="保存")).to_be_visible()
        assert "保存" in await reached(page)
        await shoot(page, "flags-desk-zh")
        assert await faults(page) == []
        await first.get_by_label("合理").check()
        await first.get_by_label("理由", exact=True).fill(WHY)
        await first.get_by_role("button", name="保存").click()
        await expect(page.locator("article")).to_have_count(1)
        await expect(page.locator("article .mark")).to_have_text("合理")
        await expect(page.locator("article form")).to_have_count(0)

        await page.set_viewport_size(PHONE)
        await page.goto(f"{url}/flags?lang=en")
        await expect(page.locator("article")).to_have_count(2)
        await expect(page.locator("article").first).to_contain_text("One record; days: 1 (noticed above 0)")
        await page.locator("article summary").first.click()
        await expect(page.get_by_role("button", name="Save").first).to_be_visible()
        await shoot(page, "flags-phone-en")
        assert await faults(page) == []
        await page.goto(f"{url}/flags?decided=true")
        await expect(page.locator("article .mark")).to_have_text("Justified")
        assert await faults(page) == []


async def test_a_decision_without_a_reason_is_said_to_be_incomplete(cared: CareWorld, page: Page) -> None:
    await flagged(cared)
    async with served(cared.world.app) as url:
        await page.goto(f"{url}/login")
        await page.locator("#code").fill(await cared.world.code(LIUQUAN, ["supervisor"]))
        await page.locator("main button").click()
        await expect(page.get_by_role("link", name="异常查看", exact=True)).to_be_visible()
        await page.goto(f"{url}/flags?lang=en")
        first = page.locator("article").first
        await first.locator("summary").click()
        await first.get_by_label("Seen").check()
        await first.get_by_label("Reason", exact=True).fill(" ")
        await first.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("Reason")
        await expect(page.locator("article")).to_have_count(3)
        assert await faults(page) == []
