"""Logging in at the city's OIDC issuer, in a real browser, from another site and back."""

from playwright.async_api import Page, expect

from tests.accessible import faults
from tests.exchange_world import Exchange
from tests.issuer_world import known_outside
from tests.shots import shoot

pytest_plugins = ["tests.exchange", "tests.chromium"]

NURSE = {"subject": "li.na", "department": "education", "roles": ["reporter", "follower", "clerk"]}


async def test_who_shows_elsewhere_who_they_are_is_signed_in(exchange: Exchange, page: Page) -> None:
    async with known_outside(exchange) as (outside, here):
        outside.claims = NURSE
        await page.goto(f"{here}/department")
        await expect(page).to_have_url(f"{here}/login")
        assert not await faults(page)
        await shoot(page, "login-by-issuer-zh")
        await page.get_by_role("link", name="通过统一身份认证登录").click()
        await page.get_by_role("button", name="It is me").click()
        await expect(page).to_have_url(f"{here}/department")
        await expect(page.get_by_role("heading", level=1)).to_have_text("部门工作台")
        [session] = await page.context.cookies(here)
        assert (session["name"], session["httpOnly"], session["sameSite"]) == ("tenfold_exchange", True, "Strict")

        await page.get_by_role("button", name="退出登录").click()
        await expect(page.get_by_role("status")).to_have_text("您已退出登录。")


async def test_who_is_refused_there_is_told_so_in_their_language(exchange: Exchange, page: Page) -> None:
    async with known_outside(exchange) as (outside, here):
        outside.refuses = True
        await page.goto(f"{here}/login?lang=en")
        await page.get_by_role("link", name="Sign in with your organisation's account").click()
        await page.get_by_role("button", name="It is me").click()
        await expect(page.get_by_role("alert")).to_contain_text("did not let you in")
        assert not await faults(page)
        await shoot(page, "login-refused-en")
        await page.goto(f"{here}/department")
        await expect(page).to_have_url(f"{here}/login")
