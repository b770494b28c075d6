"""What tests of the registry's pages share: signing in with a code, in a browser and without one."""

from typing import Any

import httpx
from playwright.async_api import Page, expect

from tests.registry_world import LookUpWorld

OWN = {"origin": "http://registry"}
CLERK: dict[str, Any] = {"department": "public-security", "roles": ["clerk"], "purpose": "identity-review"}


async def code(api: LookUpWorld, **wanted: Any) -> str:
    """A minted code."""
    token = api.issuer.issue(subject="administrator", roles=("administrator",))
    answer = await api.http.post(
        "/v1/login-codes", json={"subject": "li.na", **wanted}, headers={"authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 201, answer.text
    minted: str = answer.json()["code"]
    return minted


async def signed_in(api: LookUpWorld, **wanted: Any) -> httpx.AsyncClient:
    """Give the world's client a session."""
    answer = await api.http.post("/login", data={"code": await code(api, **wanted)}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
    return api.http


async def sign_in(page: Page, url: str, api: LookUpWorld, *, leads_to: str, **wanted: Any) -> None:
    """Type a code on the login page."""
    await page.goto(f"{url}/login")
    await page.locator("#code").fill(await code(api, **wanted))
    await page.locator("main button").click()
    await expect(page).to_have_url(f"{url}{leads_to}")


async def cut_off(page: Page) -> bool:
    """Whether something is out of sight to the right, of the page or of a table in it."""
    cut: bool = await page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        " || [...document.querySelectorAll('.scroll, dl')].some(e => e.scrollWidth > e.clientWidth + 1)"
    )
    return cut
