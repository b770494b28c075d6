"""The desk of corrections in a real browser: a request is read, approved with reasons, and taken back again."""

import pytest
from playwright.async_api import Page, expect

from tests.alerts_world import served
from tests.audit_world import AuditWorld
from tests.corrections_world import CorrectionDesk
from tests.histories import household, person
from tests.registry_pages_world import CLERK, cut_off, sign_in
from tests.registry_world import LookUpWorld, RegistryWorld, says
from tests.shots import shoot

pytest_plugins = ["tests.registry", "tests.chromium"]

DECIDER = CLERK | {"purpose": "correction"}
ENTERED = says("household.registered", "h1", {"person": person(1, "李伟"), **household()}, "2024-01-10")


@pytest.fixture
async def asked(registry: RegistryWorld, lookups: LookUpWorld) -> CorrectionDesk:
    """A man who is called otherwise."""
    await registry.apply(ENTERED)
    desk = CorrectionDesk(AuditWorld(registry, lookups))
    await desk.ask_own(await desk.world.citizen(1, "李伟"), field="name", value="李玮")
    return desk


async def test_the_authority_reads_decides_with_reasons_and_takes_it_back(asked: CorrectionDesk, page: Page) -> None:
    registry = asked.world.registry
    async with served(asked.world.lookups.app) as url:
        await sign_in(page, url, asked.world.lookups, leads_to="/corrections", **DECIDER)
        row = page.locator("tbody tr")
        await expect(row).to_contain_text("姓名")
        await expect(row).not_to_contain_text("李")
        await shoot(page, "corrections-zh")
        await page.get_by_role("link", name="查看", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("更正申请：姓名")
        await page.get_by_label("已由本部门上报更正，回执编号").check()
        await page.get_by_label("理由（当事人可以看到）").fill("已核对户口簿")
        await page.get_by_role("button", name="保存决定").click()
        await expect(page.get_by_role("alert")).to_contain_text("尚未保存任何内容")
        await expect(page.get_by_label("理由（当事人可以看到）")).to_have_value("已核对户口簿")
        await page.get_by_label("同意，按下列内容更正").check()
        await shoot(page, "correction-zh")
        await page.get_by_role("button", name="保存决定").click()
        await expect(page.get_by_role("status")).to_contain_text("决定已保存")
        assert (await registry.named("李玮")).name == "李玮"
        await page.get_by_role("link", name="English").click()
        await shoot(page, "correction-approved-en")
        await page.get_by_label("Reasons (the person reads them)").fill("The papers were forged.")
        await page.get_by_role("button", name="Take the correction back").click()
        await expect(page.locator("dl").first).to_contain_text("taken back")
        assert (await registry.named("李伟")).name == "李伟"


async def test_corrections_fit_a_phone(asked: CorrectionDesk, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    async with served(asked.world.lookups.app) as url:
        await sign_in(page, url, asked.world.lookups, leads_to="/corrections", **DECIDER)
        await page.set_viewport_size({"width": 360, "height": 740})
        for language in ("zh-CN", "en"):
            await page.goto(f"{url}/corrections?lang={language}")
            assert not await cut_off(page)
            await page.locator("td.act a").click()
            assert not await cut_off(page)
            await shoot(page, f"correction-phone-{language}")
    assert complaints == []
