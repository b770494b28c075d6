"""What a worklist does not show, by page: whose consent ends, who rests, whom the register says something about."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from tests.accessible import faults, reached
from tests.alerts_world import person, served
from tests.care_pages_world import PHONE, sign_in
from tests.care_world import NUMBER, CareWorld, consent, enrolment
from tests.shots import shoot

pytest_plugins = ["tests.alerts", "tests.chromium"]


async def enrolled(cared: CareWorld, name: str, days: int = 400, *, number: str | None = None) -> str:
    """A woman whose consent holds so many days more."""
    last = cared.today + timedelta(days=days)
    body = enrolment(cared.lmp, number=number, consent=consent(until=last.isoformat()))
    body["care"]["person"]["name"] = name
    return await cared.enrolled(body)


async def some(cared: CareWorld) -> str:
    """One for each reason; the episode of her about whom something is to be decided."""
    await cared.registered()
    decided = await enrolled(cared, "王秀英", number=NUMBER)
    await enrolled(cared, "李娜", 12)
    await enrolled(cared, "欧阳雪梅", 1)
    rests = await enrolled(cared, "周慧")
    assert (await cared.act(rests, "pause")).status_code == 204
    await cared.world.tell(person("mother", indexes=[], area=None))
    await cared.on(cared.today + timedelta(days=2))
    return decided


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_list_is_accessible_on_a_small_phone(cared: CareWorld, page: Page, language: str) -> None:
    await some(cared)
    async with served(cared.world.app) as url:
        await page.set_viewport_size(PHONE)
        await sign_in(page, url, cared)
        await page.goto(f"{url}/worklist?lang={language}")
        await shoot(page, f"needs-worklist-{language}")
        assert await faults(page) == []
        names = {
            "decision": "王秀英",
            "ending": "李娜",
            "unlinked": "李娜",
            "paused": "周慧",
            "expired": "",
            "moved": "",
        }
        for need, name in names.items():
            answer = await page.goto(f"{url}/episodes?needs={need}")
            assert answer is not None
            assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
            await expect(page.locator("main")).to_contain_text(name)
            assert await faults(page) == [], need
            await shoot(page, f"needs-{need}-{language}")


async def test_from_the_worklists_head_to_her_without_a_script_and_by_keyboard(cared: CareWorld, page: Page) -> None:
    decided = await some(cared)
    assert page.context.browser is not None
    async with served(cared.world.app) as url:
        await sign_in(page, url, cared)
        await page.goto(f"{url}/worklist?lang=en")
        order = await reached(page)
        assert [each for each in order if each.startswith(("To decide", "Consent"))] == [
            "To decide 1", "Consent ends 1", "Consent ended 1",
        ]  # fmt: skip
        plain = await page.context.browser.new_context(java_script_enabled=False, viewport=PHONE)
        await plain.add_cookies(await page.context.cookies())  # type: ignore[arg-type] # the same shape, read and written
        still = await plain.new_page()
        await still.goto(f"{url}/worklist")
        await still.get_by_role("link", name="Consent ended").click()
        await expect(still.get_by_role("heading", level=2)).to_have_text("(no name shown)")
        assert "欧阳雪梅" not in await still.content()
        await still.goto(f"{url}/episodes")
        await expect(still.get_by_role("heading", level=2)).to_have_text("王秀英")
        await still.get_by_role("link", name="Open").click()
        await expect(still).to_have_url(f"{url}/episodes/{decided}")
        await plain.close()
