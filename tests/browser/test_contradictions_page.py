"""Contradictions in a real browser: both statements side by side with who reported them, and the explanation."""

import pytest
from playwright.async_api import Page, expect

from tests.alerts_world import served
from tests.histories import household, person
from tests.registry_pages_world import CLERK, cut_off, sign_in
from tests.registry_world import LookUpWorld, RegistryWorld, says
from tests.shots import shoot

pytest_plugins = ["tests.registry", "tests.chromium"]

HER, HIM = person(2, "王芳"), person(1, "李伟")
HEALTH = CLERK | {"department": "health"}


@pytest.fixture
async def contradicting(registry: RegistryWorld, lookups: LookUpWorld) -> LookUpWorld:
    """Married after the death, and two days of one death."""
    await registry.apply(
        says("household.registered", "h1", {"person": HER, **household()}, "2020-01-01"),
        says("household.registered", "h2", {"person": HIM, **household(number_="H2")}, "2020-01-01"),
        says("marriage.registered", "m1", {"spouses": [HER, HIM], "certificate_number": "M1"}, "2024-03-01"),
        says("death.certified", "d1", {"person": HER, "certificate_number": "D1"}, "2024-01-10", department="health"),
        says("death.certified", "d2", {"person": HER, "certificate_number": "D2"}, "2024-01-18", department="health"),
    )
    return lookups


async def test_the_authority_sees_both_statements_and_takes_an_explanation(
    contradicting: LookUpWorld, page: Page
) -> None:
    async with served(contradicting.app) as url:
        await sign_in(page, url, contradicting, leads_to="/reviews", **CLERK)
        await page.get_by_role("link", name="矛盾").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("矛盾")
        rows = page.locator("tbody tr")
        await expect(rows.filter(has_text="上报的死亡日期不一致")).to_contain_text("2024-01-18")
        await shoot(page, "contradictions-zh")
        await page.get_by_label("类别").select_option(label="上报的死亡日期不一致")
        await page.get_by_role("button", name="显示").click()
        await expect(rows).to_have_count(1)
        await page.get_by_role("link", name="并列查看").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("上报的死亡日期不一致")
        await expect(page.locator("mark").first).to_have_text("0")
        await expect(page.get_by_role("columnheader", name="卫生健康")).to_have_count(2)
        await shoot(page, "contradiction-zh")
        await page.get_by_role("link", name="English").click()
        await page.get_by_label("Why all of it is true").fill("Two certificates of one death, both signed.")
        await page.get_by_role("button", name="Save the explanation").click()
        await expect(page.get_by_role("status")).to_have_text("The explanation is saved.")
        await expect(page.get_by_text("Two certificates of one death, both signed.")).to_be_visible()
        await shoot(page, "contradiction-explained-en")
        await page.get_by_role("link", name="Back to the list").click()
        await expect(rows.filter(has_text="Several dates of death")).to_have_count(0)
        await page.get_by_label("also those that are explained").check()
        await page.get_by_role("button", name="Show").click()
        await expect(rows.filter(has_text="Several dates of death")).to_contain_text("explained")


async def test_another_department_sees_its_own_statement_and_of_the_other_only_who_speaks(
    contradicting: LookUpWorld, page: Page
) -> None:
    async with served(contradicting.app) as url:
        civil = CLERK | {"department": "civil-affairs"}
        await sign_in(page, url, contradicting, leads_to="/contradictions", **civil)
        await page.goto(f"{url}/contradictions?kind=event-after-death&lang=en")
        await page.get_by_role("link", name="Look side by side").first.click()
        shown = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="What it says"))
        await expect(shown).to_contain_text("2024-03-01")
        await expect(shown).to_contain_text("withheld: another department's")
        await expect(page.locator("main")).not_to_contain_text("2024-01-1")
        await shoot(page, "contradiction-withheld-en")


async def test_an_explanation_that_is_too_short_is_refused_and_kept_in_the_form(
    contradicting: LookUpWorld, page: Page
) -> None:
    async with served(contradicting.app) as url:
        await sign_in(page, url, contradicting, leads_to="/contradictions", **HEALTH)
        await page.goto(f"{url}/contradictions?lang=en")
        await page.get_by_role("link", name="Look side by side").first.click()
        await page.get_by_label("Why all of it is true").fill("          right          ")
        await page.get_by_role("button", name="Save the explanation").click()
        await expect(page.get_by_role("alert")).to_contain_text("10 to 1000 characters")
        await expect(page.get_by_label("Why all of it is true")).to_have_value("          right          ")


async def test_contradictions_load_nothing_from_elsewhere_and_fit_a_phone(
    contradicting: LookUpWorld, page: Page
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    async with served(contradicting.app) as url:
        await sign_in(page, url, contradicting, leads_to="/reviews", **CLERK)
        await page.set_viewport_size({"width": 360, "height": 740})
        for language in ("zh-CN", "en"):
            await page.goto(f"{url}/contradictions?lang={language}")
            assert not await cut_off(page)
            await shoot(page, f"contradictions-phone-{language}")
            await page.locator("td.act a").first.click()
            said_by = "卫生健康局" if language == "zh-CN" else "Health"
            await expect(page.locator(f"td[data-label$='· {said_by}']").first).to_be_visible()
            assert not await cut_off(page)
            await shoot(page, f"contradiction-phone-{language}")
    assert complaints == []
