"""The review queue in a real browser: everyone in question side by side, decided by a form without scripts."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from services.registry.blocks.handlers import Blinding
from services.registry.matching.handlers import Matching
from tests.alerts_world import served
from tests.histories import number, person
from tests.registry_pages_world import CLERK, cut_off, sign_in
from tests.reviews_world import Desk
from tests.service.test_reviews import registered
from tests.shots import shoot

pytest_plugins = ["tests.registry", "tests.reviews", "tests.chromium"]

PASSPORT = {"type": "passport", "value": "E7712345", "issuer": "CHN"}
WEI = {"identifiers": [PASSPORT], "name": "李伟", "sex": "male", "birth_date": "1990-05-17"}
NEIGHBOUR = WEI | {"identifiers": [number(1)]}
HONG = person(11, "赵红") | {"birth_date": "1990-05-17"}
OTHER = person(11, "孙立") | {"birth_date": "1985-03-02", "sex": "male"}
HELD = registered("h4", OTHER)


@pytest.fixture
async def waiting(desk: Desk) -> Desk:
    """Two people who look alike, and a number with another name."""
    await desk.registry.apply(registered("h1", WEI), registered("h2", NEIGHBOUR))
    await desk.registry.apply(registered("h3", HONG))
    await desk.registry.apply(HELD)
    matching = Matching(desk.registry.service.pool, desk.registry.folding, Blinding(desk.registry.service.ring))
    while await matching.step():
        pass
    return desk


async def at_the_desk(page: Page, url: str, desk: Desk, **who: Any) -> None:
    await sign_in(page, url, desk.api, leads_to="/reviews", **CLERK | who)


def line(page: Page, table: str, name: str) -> Locator:
    """The row of a table that has this name."""
    header = page.get_by_role("rowheader", name=name, exact=True)
    return page.get_by_role("table", name=table).get_by_role("row").filter(has=header)


async def test_a_clerk_reads_the_queue_and_decides_whose_a_record_is(waiting: Desk, page: Page) -> None:
    async with served(waiting.api.app) as url:
        await at_the_desk(page, url, waiting)
        await expect(page.get_by_role("heading", level=1)).to_have_text("身份复核")
        await expect(page.locator("tbody tr")).to_have_count(2)
        await shoot(page, "reviews-zh")
        await page.get_by_role("link", name="身份不明").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.get_by_role("link", name="查看并决定").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("身份不明")
        names = line(page, "并列比对", "姓名")
        await expect(names).to_contain_text("≠ 不同")
        await expect(names.locator("mark").first).to_have_text("孙立")
        await expect(line(page, "并列比对", "公民身份号码")).to_contain_text("= 相同")
        await shoot(page, "review-held-zh")
        await page.get_by_label("每条待定记录都属于新的人").check()
        await page.get_by_label("理由").fill("核对户口簿，是两个人")
        await page.get_by_role("button", name="保存决定").click()
        await expect(page.get_by_role("status")).to_contain_text("决定已保存")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.get_by_role("link", name="已决定").click()
        await page.get_by_role("link", name="查看", exact=True).click()
        await expect(page.get_by_role("table", name="已作出的决定")).to_contain_text("li.na")
        await expect(page.locator("main")).not_to_contain_text("孙立")
        await shoot(page, "review-decided-zh")
    assert await waiting.registry.outcomes(HELD) == [("held", "identity-ambiguous"), ("applied", None)]


async def test_the_score_of_two_people_is_explained_and_they_are_merged(waiting: Desk, page: Page) -> None:
    async with served(waiting.api.app) as url:
        await at_the_desk(page, url, waiting)
        await page.goto(f"{url}/reviews?kind=possible-match&lang=en")
        await page.get_by_role("link", name="Look and decide").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Perhaps one person")
        born = line(page, "How alike they are", "Birth date")
        await expect(born).to_contain_text("exactly the same")
        await expect(born).to_contain_text("+14")
        await expect(page.get_by_role("list").filter(has_text="agree by chance")).to_be_visible()
        await expect(line(page, "Side by side", "Name")).to_contain_text("= the same")
        await shoot(page, "review-match-en")
        await page.get_by_label("They are one person: merge").check()
        await page.get_by_label("Reason").fill("same papers, seen today")
        await page.get_by_role("button", name="Save the decision").click()
        await expect(page.get_by_role("status")).to_contain_text("The decision stands.")
    assert len(await waiting.registry.told(kind="merged")) == 1


async def test_whoever_comes_second_is_told_and_loses_nothing(waiting: Desk, page: Page) -> None:
    async with served(waiting.api.app) as url:
        await at_the_desk(page, url, waiting)
        await page.goto(f"{url}/reviews?kind=ambiguous-identity&lang=en")
        await page.get_by_role("link", name="Look and decide").click()
        await waiting.registry.apply(registered("h5", HONG))
        await page.get_by_label("Each record in question is a new person's").check()
        await page.get_by_label("Reason").fill("seen on paper")
        await page.get_by_role("button", name="Save the decision").click()
        await expect(page.get_by_role("alert")).to_contain_text("The people in question have changed")
        await expect(page.get_by_label("Reason")).to_have_value("seen on paper")
        await shoot(page, "review-changed-en")
        await waiting.separate(HELD)
        await page.get_by_role("button", name="Save the decision").click()
        await expect(page.get_by_role("alert")).to_contain_text("The review is closed")
        await expect(page.get_by_role("table", name="What was decided")).to_contain_text("clerk-1")
        await shoot(page, "review-closed-en")


async def test_a_decision_without_a_choice_is_refused_beside_the_form(waiting: Desk, page: Page) -> None:
    async with served(waiting.api.app) as url:
        await at_the_desk(page, url, waiting)
        await page.goto(f"{url}/reviews?kind=ambiguous-identity&lang=en")
        await page.get_by_role("link", name="Look and decide").click()
        await page.get_by_label("The records belong as chosen below").check()
        await page.get_by_label("Reason").fill("seen on paper")
        await page.get_by_role("button", name="Save the decision").click()
        await expect(page.get_by_role("alert")).to_contain_text("does not answer the question")
        await page.get_by_label("Record in question 1 belongs to").select_option(label="Person A")
        await page.get_by_role("button", name="Save the decision").click()
        await expect(page.get_by_role("status")).to_contain_text("The decision stands.")
    assert await waiting.registry.count("person") == 3


async def test_reviews_load_nothing_from_elsewhere_and_fit_a_phone(waiting: Desk, page: Page) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    async with served(waiting.api.app) as url:
        await at_the_desk(page, url, waiting)
        await page.set_viewport_size({"width": 360, "height": 740})
        for language in ("zh-CN", "en"):
            for kind in ("possible-match", "ambiguous-identity"):
                await page.goto(f"{url}/reviews?kind={kind}&lang={language}")
                assert not await cut_off(page)
                await shoot(page, f"reviews-phone-{language}")
                await page.locator("td.act a").click()
                assert not await cut_off(page)
                assert await page.locator("script").count() == 0
                await shoot(page, f"review-phone-{kind}-{language}")
        assert all(each.startswith(url) for each in asked)
        assert complaints == []


async def test_every_control_of_a_review_can_be_reached_by_keyboard(waiting: Desk, page: Page) -> None:
    async with served(waiting.api.app) as url:
        await at_the_desk(page, url, waiting)
        await page.goto(f"{url}/reviews?kind=possible-match&lang=en")
        await page.get_by_role("link", name="Look and decide").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Perhaps one person")
        reached: list[str] = []
        for _ in range(24):
            await page.keyboard.press("Tab")
            reached.append(
                await page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
            )
        assert reached[0] == "Skip to content"
        assert {"Back to the list", "reason", "Save the decision"} <= set(reached)


async def test_a_clerk_ticks_the_records_that_are_somebody_elses(desk: Desk, page: Page) -> None:
    sister = HONG | {"name": "赵兰"}
    await desk.registry.apply(registered("h1", HONG), registered("h2", sister, minute=1))
    reference = await desk.registry.reference("public-security", registered("h1", None))
    asked = {"ask": "split", "people": [reference], "reason": "two sisters under one number"}
    assert (await desk.post("/v1/reviews", asked, subject="another-clerk")).status_code == 201
    async with served(desk.api.app) as url:
        await at_the_desk(page, url, desk)
        await page.get_by_role("link", name="查看并决定").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("申请拆分")
        await page.get_by_label("是不同的人，拆分").check()
        await page.get_by_label("理由").fill("两姐妹，出生证明为证")
        await page.get_by_role("button", name="保存决定").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_label("记录2属于另一人").check()
        await page.get_by_role("button", name="保存决定").click()
        await expect(page.locator("tbody tr")).to_have_count(0)
    states, _ = await desk.registry.people()
    assert sorted(state.name or "" for state in states.values()) == ["赵兰", "赵红"]


async def test_a_clerk_asks_for_a_merge_and_another_one_decides(waiting: Desk, page: Page) -> None:
    one, other = [await waiting.registry.reference("public-security", registered(id_, None)) for id_ in ("h1", "h3")]
    async with served(waiting.api.app) as url:
        await at_the_desk(page, url, waiting)
        await page.get_by_text("申请合并、拆分或撤销合并").click()
        await page.get_by_label("本部门的引用").fill(one)
        await page.get_by_label("理由").fill("旧档案为同一人")
        await page.get_by_role("button", name="提交申请").click()
        await expect(page.get_by_role("alert")).to_contain_text("尚未保存任何内容")
        await expect(page.get_by_label("本部门的引用")).to_have_value(one)
        await page.get_by_label("另一人的引用").fill("k1.nobody")
        await page.get_by_role("button", name="提交申请").click()
        await expect(page.get_by_role("alert")).to_contain_text("没有此引用")
        await page.get_by_label("另一人的引用").fill(other)
        await shoot(page, "review-asked-zh")
        await page.get_by_role("button", name="提交申请").click()
        await expect(page.get_by_role("status")).to_contain_text("须由另一人决定")
        asked = page.locator("tbody tr").filter(has_text="由经办人提出")
        await expect(asked).to_have_count(1)
        await asked.get_by_role("link").click()
        await expect(page.locator("dl").first).to_contain_text("旧档案为同一人")
        await page.get_by_label("是同一人，合并").check()
        await page.get_by_label("理由").fill("旧档案为同一人")
        await page.get_by_role("button", name="保存决定").click()
        await expect(page.get_by_role("alert")).to_contain_text("申请人不得自行决定")
