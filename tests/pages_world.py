"""What the pages' tests share: a county in which enough happened to fill them, and signing in with a code."""

from contextlib import AbstractContextManager
from datetime import timedelta

from playwright.async_api import Page, expect

from shared import clock
from tests.departments_world import Line
from tests.exchange_world import Exchange
from tests.histories import OTHER_TOWN, TOWN, birth, household, move, number, person
from tests.registry_world import CloudEvent, says

NAMES = ["李伟", "王芳", "张敏", "刘洋", "陈静", "杨磊", "赵秀英", "黄强", "周杰", "吴艳"]
MONTH = timedelta(days=32)  # what is held today is overdue then


def settled(sequence: int, area: str = TOWN) -> CloudEvent:
    """A household registration."""
    data = {"person": person(sequence, NAMES[sequence]), **household(area, number_=f"H{sequence}")}
    return says("household.registered", f"hh-2024-{sequence:04}", data, minute=sequence)


def story() -> list[CloudEvent]:
    """Five departments report: most of it is applied, two events are held."""
    return [
        *(settled(n) for n in range(len(NAMES))),
        says("birth.certified", "bc-2024-0001", birth(person(1, NAMES[1]), person(0, NAMES[0])), minute=20),
        says("birth.certified", "bc-2024-0002", birth(person(3, NAMES[3]), cert="C2"), minute=21),
        says(
            "marriage.registered",
            "m-2024-0001",
            {"spouses": [person(0, NAMES[0]), person(1, NAMES[1])], "certificate_number": "M1"},
            minute=22,
        ),
        says("migration.departed", "mv-2024-0001", {"person": person(4, NAMES[4]), **move("P1", TOWN, "440305")}),
        says(
            "enrolment.registered",
            "en-2024-0001",
            {"child": person(5, NAMES[5]), "school": {"number": "S1", "area": TOWN}},
            minute=24,
        ),
        says("household.registered", "hh-2024-0002c", settled(2, OTHER_TOWN)["data"], action="corrected", of="late-1"),
        says(
            "birth.certified",
            "bc-2024-0003",
            birth(person(6, NAMES[6]), cert="C3"),
            action="annulled",
            of="bc-2023-0999",
            minute=26,
        ),
    ]


async def played(line: Line) -> None:
    """Let it all happen."""
    await line.report(*story())


async def code(exchange: Exchange, **wanted: object) -> str:
    """A minted code."""
    administrator = exchange.headers(None, roles=["administrator"])
    answer = await exchange.http.post("/v1/login-codes", json={"subject": "li.na", **wanted}, headers=administrator)
    assert answer.status_code == 201, answer.text
    minted: str = answer.json()["code"]
    return minted


async def staff(exchange: Exchange, department: str, *roles: str) -> str:
    """A code for somebody of a department."""
    return await code(exchange, department=department, roles=list(roles or ("reporter", "follower", "clerk")))


async def sign_in(page: Page, url: str, typed: str, *, leads_to: str = "/department") -> None:
    """Type a code on the login page."""
    await page.goto(f"{url}/login")
    await page.locator("#code").fill(typed)
    await page.locator("main button").click()
    await expect(page).to_have_url(f"{url}{leads_to}")


async def too_wide(page: Page) -> bool:
    """Whether something is out of sight to the right."""
    wide: bool = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wide


def a_month_later() -> AbstractContextManager[None]:
    """Everything that is held is overdue."""
    return clock.frozen(clock.now() + MONTH)


SECRETS = [*NAMES, *(number(sequence)["value"] for sequence in range(len(NAMES)))]
"""What may stand on no page."""
