"""The desk of corrections in a real browser: a request is read, approved with reasons, and taken back again."""

import pytest
from playwright.async_api import Page, expect

from tests.accessible import faults
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
        await expect(page.get_by_role("region", name="接收方是否已确认")).to_contain_text("期限未满")
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("region", name="Whether receivers acknowledged")).to_contain_text("Not yet due")
        assert await faults(page) == []
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


async def test_an_official_asks_for_a_correction_of_somebody_from_their_timeline(
    asked: CorrectionDesk, page: Page
) -> None:
    world = asked.world
    reference = await world.registry.reference("public-security", ENTERED)
    async with served(world.lookups.app) as url:
        official = CLERK | {"purpose": "household-registration"}
        await sign_in(page, url, world.lookups, leads_to="/corrections", **official)
        await page.goto(f"{url}/people/{reference}")
        await page.get_by_role("link", name="申请更正", exact=True).click()
        await expect(page.get_by_label("本部门对此人的引用")).to_have_value(reference)
        await page.locator("#field").select_option("birth_date")
        await page.get_by_label("正确的内容").fill("not a day")
        await page.get_by_label("理由").fill("户口簿为1990年5月18日")
        await page.get_by_role("button", name="提交申请").click()
        await expect(page.get_by_role("alert")).to_contain_text("尚未保存任何内容")
        await expect(page.get_by_label("理由")).to_have_value("户口簿为1990年5月18日")
        await page.get_by_label("正确的内容").fill("1990-05-18")
        await shoot(page, "correction-asked-zh")
        await page.get_by_role("button", name="提交申请").click()
        await expect(page.get_by_role("status")).to_contain_text("申请已提交")
        await expect(page.locator("tbody tr")).to_contain_text("出生日期")
        await page.goto(f"{url}/corrections?reference=k1.nobody&lang=en")
        await page.get_by_label("Why").fill("No such person.")
        await page.get_by_role("button", name="Ask").click()
        await expect(page.get_by_role("alert")).to_contain_text("no such reference")
    assert await world.registry.count("correction_request") == 2


async def test_who_is_there_to_decide_is_offered_no_form_that_asks(asked: CorrectionDesk, page: Page) -> None:
    async with served(asked.world.lookups.app) as url:
        await sign_in(page, url, asked.world.lookups, leads_to="/corrections", **DECIDER)
        await expect(page.get_by_text("申请更正某人的信息")).to_have_count(0)
