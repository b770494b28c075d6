"""A department says on its page why it accessed what somebody questioned."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from shared import clock
from tests.accessible import faults, reached
from tests.alerts_world import served
from tests.audit_world import AuditWorld
from tests.histories import household, number, person
from tests.registry_pages_world import CLERK, OWN, cut_off, sign_in, signed_in
from tests.registry_world import LookUpWorld, RegistryWorld, says
from tests.shots import shoot

pytest_plugins = ["tests.registry", "tests.chromium"]
SECURITY, HOUSING = "public-security", "housing"
ACCOUNTABLE: dict[str, Any] = {"department": SECURITY, "roles": ["administrator"], "purpose": "audit"}
HERS = says("household.registered", "h1", {"person": person(2, "王芳"), **household()}, "2024-01-10")
ASKED = "为什么查询我的信息？"


@pytest.fixture
async def questioned(registry: RegistryWorld, lookups: LookUpWorld) -> AuditWorld:
    """She questioned an access of public security."""
    await registry.apply(HERS)
    world = AuditWorld(registry, lookups)
    assert (await lookups.search(number(2), SECURITY)).status_code == 200
    herself = await world.citizen(2, "王芳")
    seen = (await world.get("/v1/me/disclosures", herself))["disclosures"]
    entry = next(each["entry"] for each in seen if each["action"] == "look-up")
    asked = await world.call("POST", "/v1/me/questions", herself, {"entry": entry, "text": ASKED})
    assert asked.status_code == 201, asked.text
    return world


async def test_a_department_says_why_and_may_say_it_otherwise_until_it_is_answered(
    questioned: AuditWorld, page: Page
) -> None:
    async with served(questioned.lookups.app) as url:
        await sign_in(page, url, questioned.lookups, leads_to="/statements", **ACCOUNTABLE)
        await expect(page.get_by_role("heading", level=1)).to_have_text("对本部门查询的质询")
        await expect(page.locator("main")).to_contain_text("还剩 30 天")
        await expect(page.locator("main")).to_contain_text("official-7")
        for hidden in ("王芳", ASKED):
            await expect(page.locator("main")).not_to_contain_text(hidden)
        assert await faults(page) == []
        await shoot(page, "statements-zh")
        await page.get_by_role("textbox", name="本部门的说明").fill(" ")
        await page.get_by_role("button", name="提交说明").click()
        await expect(page.get_by_role("alert")).to_contain_text("尚未保存")
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Questioned: our own accesses")
        await page.get_by_role("textbox", name="Why we accessed it").fill(
            "She registered a move.\nThe form asks for it."
        )
        await page.get_by_role("button", name="Say so").click()
        await expect(page.get_by_role("status")).to_have_text("It was saved.")
        again = page.get_by_role("textbox", name="Why we accessed it")
        await expect(again).to_have_value("She registered a move.\nThe form asks for it.")
        assert "Say it otherwise" in await reached(page)
        await again.fill("She registered a move.")
        await page.get_by_role("button", name="Say it otherwise").click()
        await expect(page.get_by_role("textbox", name="Why we accessed it")).to_have_value("She registered a move.")
        await page.set_viewport_size({"width": 390, "height": 844})
        assert not await cut_off(page)
        await shoot(page, "statements-phone")
        (asked,) = (await questioned.get("/v1/questions", questioned.officer()))["questions"]
        path = f"/v1/questions/{asked['question']}"
        read = await questioned.get(path, questioned.officer())
        assert read["statement"] == "She registered a move."
        done = await questioned.call("POST", f"{path}/answer", questioned.officer(), {"text": "As they say."})
        assert done.status_code == 204
        await page.get_by_role("textbox", name="Why we accessed it").fill("Too late.")
        await page.get_by_role("button", name="Say it otherwise").click()
        await expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
        await expect(page.locator("main")).to_contain_text("Nothing is questioned.")
        assert (await questioned.get(path, questioned.officer()))["statement"] == "She registered a move."


async def test_what_is_overdue_says_so_and_the_look_is_written_down(questioned: AuditWorld) -> None:
    http = await signed_in(questioned.lookups, **ACCOUNTABLE)
    herself = await questioned.citizen(2, "王芳")
    page = await http.get("/statements?lang=en")
    assert "30 days left" in page.text
    seen = (await questioned.get("/v1/me/disclosures", herself))["disclosures"]
    assert "question-asked" in {each["action"] for each in seen}
    await questioned.registry.service.pool.execute("UPDATE question SET due = $1", clock.today() - timedelta(days=2))
    assert "2 days overdue" in (await http.get("/statements?lang=en")).text


async def test_another_department_and_other_officials_see_nothing_of_it(questioned: AuditWorld) -> None:
    other = await signed_in(questioned.lookups, **(ACCOUNTABLE | {"department": HOUSING}))
    page = await other.get("/statements?lang=en")
    assert "Nothing is questioned." in page.text
    question = await questioned.registry.service.pool.fetchval("SELECT question_id FROM question")
    sent = await other.post("/statements", data={"question": str(question), "text": "Ours."}, headers=OWN)
    assert sent.status_code == 404
    stated = await questioned.registry.service.pool.fetchval("SELECT statement FROM question")
    assert stated is None
    assert (await (await signed_in(questioned.lookups, **CLERK)).get("/statements")).status_code == 403
