"""The population page in a real browser: releases alone, withheld figures said to be so, in both languages."""

import pytest
from playwright.async_api import Page, expect

from tests.alerts_world import served
from tests.published_world import publish
from tests.registry_pages_world import code, cut_off, sign_in
from tests.registry_world import LookUpWorld, RegistryWorld
from tests.shots import shoot

pytest_plugins = ["tests.registry", "tests.chromium"]

OFFICIAL = {"department": "health", "roles": ["clerk"], "purpose": "statistics"}
LIUQUAN = "370102901000"


@pytest.fixture
async def published(registry: RegistryWorld) -> RegistryWorld:
    """The synthetic county with fourteen months of releases, and a year's."""
    await publish(registry.service.pool)
    return registry


async def test_the_county_is_shown_as_published_in_both_languages(
    published: RegistryWorld, lookups: LookUpWorld, page: Page
) -> None:
    async with served(lookups.app) as url:
        await sign_in(page, url, lookups, leads_to="/population", **OFFICIAL)
        await expect(page.get_by_role("heading", level=1)).to_have_text("人口概况")
        shown = page.locator("svg")
        await expect(shown).to_have_count(2)
        await expect(shown.first.locator("title").first).to_have_text("年龄与性别")
        await expect(shown.first.locator("desc")).to_contain_text("历下区 2025-12")
        await page.locator("summary", has_text="各年龄组人数").click()
        ages = page.get_by_role("table", name="各年龄组人数")
        await expect(ages.get_by_role("row")).to_have_count(19)
        await shoot(page, "population-zh")
        balance = page.get_by_role("table", name="人口平衡")
        await expect(balance.get_by_role("row", name="年末人口")).to_contain_text("=")
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Population")
        await expect(page.get_by_role("heading", name="Quality of the register")).to_be_visible()
        await expect(page.locator("main")).to_contain_text("completeness cannot be estimated from two systems")
        await shoot(page, "population-en")


async def test_areas_lead_down_in_the_order_of_codes_and_never_say_births(
    published: RegistryWorld, lookups: LookUpWorld, page: Page
) -> None:
    async with served(lookups.app) as url:
        await sign_in(page, url, lookups, leads_to="/population", **OFFICIAL)
        areas = page.get_by_role("table", name="下级区域")
        names = await areas.get_by_role("rowheader").all_text_contents()
        assert names == ["柳泉街道", "东明街道", "清河街道", "南岭镇"]
        assert "出生" not in "".join(await areas.get_by_role("columnheader").all_text_contents())
        await areas.get_by_role("link", name="东明街道").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("人口概况 · 东明街道")
        await expect(page.locator("main")).not_to_contain_text("出生率")
        hatched = page.locator("svg rect.withheld")
        await page.locator("summary", has_text="各年龄组人数").click()
        ages = page.get_by_role("table", name="各年龄组人数")
        assert await ages.get_by_text("不公布").count() == await hatched.count() > 0
        await shoot(page, "population-township-zh")
        await page.get_by_role("link", name="上一月（2025-11）").click()
        await expect(page.locator("desc").first).to_contain_text("东明街道 2025-11")
        await page.goto(f"{url}/population?area=370102902001&lang=en")
        await expect(page.get_by_text("Below the township there are totals only.")).to_be_visible()
        await page.get_by_label("Areas").get_by_role("link", name="Dongming Subdistrict").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Population · Dongming Subdistrict")
        missing = await page.goto(f"{url}/population?area=370199000000")
        assert missing is not None
        assert missing.status == 404


async def test_nothing_published_is_said_and_other_purposes_are_refused(
    registry: RegistryWorld, lookups: LookUpWorld, page: Page
) -> None:
    async with served(lookups.app) as url:
        await sign_in(page, url, lookups, leads_to="/population", **OFFICIAL)
        await expect(page.get_by_role("heading", level=2)).to_have_text("尚未发布任何月份")
        await page.get_by_role("button", name="退出登录").click()
        await page.locator("#code").fill(await code(lookups, **OFFICIAL | {"purpose": "service-delivery"}))
        await page.locator("main button").click()
        await expect(page).not_to_have_url(f"{url}/login")
        refused = await page.goto(f"{url}/population")
        assert refused is not None
        assert refused.status == 403


async def test_nothing_runs_nothing_is_cut_off_and_it_prints(
    published: RegistryWorld, lookups: LookUpWorld, page: Page
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    async with served(lookups.app) as url:
        await sign_in(page, url, lookups, leads_to="/population", **OFFICIAL)
        await page.set_viewport_size({"width": 360, "height": 740})
        for language in ("zh-CN", "en"):
            for area in ("", f"&area={LIUQUAN}"):
                answer = await page.goto(f"{url}/population?lang={language}{area}")
                assert answer is not None
                assert answer.headers["cache-control"] == "no-store"
                for each in await page.locator("summary").all():
                    await each.click()
                assert not await cut_off(page), (language, area)
                assert await page.locator("script").count() == 0
            await shoot(page, f"population-phone-{language}")
        assert complaints == []
