"""A worklist with many tasks: what a page opens is bounded, and what nobody saw is not written down as seen."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.alerts.counts import repository as counts
from services.alerts.worklist.rules import COUNTED, OPENED
from tests.alerts_world import LIUQUAN
from tests.care_world import CareWorld, Json, enrolment

pytest_plugins = ["tests.alerts"]

# More contacts like one that there is: they open with the key of the same episode.
MORE = """
INSERT INTO care_contact (contact_id, episode_id, facility, opens_on, due_on, closes_on, state, next_change_on, sealed)
SELECT gen_random_uuid(), episode_id, facility, opens_on, due_on, closes_on, state, next_change_on, sealed
  FROM care_contact, generate_series(1, $2) WHERE contact_id = $1
"""
LOGGED = "SELECT count(*) FROM access_log WHERE action = 'worklist'"


async def crowded(cared: CareWorld, more: int) -> tuple[str, str]:
    """A woman with many open contacts like her own, and one whose contact is due last; the schedule of theirs, and that
    of a schedule nobody follows."""
    (own, *_) = await cared.contacts(await cared.enrolled(), "open")
    await cared.care.pool.execute(MORE, UUID(own["contact"]), more)
    last = await cared.enrolled(enrolment(cared.lmp + timedelta(days=3)))
    await cared.on(cared.today)
    (open_one, *_) = await cared.contacts(last, "open")
    assert open_one["due_on"] > own["due_on"]
    return own["schedule"], next(name for name, _ in cared.care.catalogue if name != own["schedule"])


async def page(cared: CareWorld, **asked: object) -> Json:
    """A page of the worklist."""
    query = "&".join(f"{name}={value}" for name, value in asked.items() if value)
    answer = await cared.call("GET", f"/v1/worklist?{query}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_a_filter_that_nothing_fits_opens_so_many_and_says_where_it_goes_on(cared: CareWorld) -> None:
    more = OPENED + 100
    _, other = await crowded(cared, more)
    pages, after = 0, None
    while pages == 0 or after:
        found = await page(cared, schedule=other, after=after)
        assert found["tasks"] == []
        pages, after = pages + 1, found["next_after"]
    assert more / OPENED < pages <= 2 * more / OPENED + 1
    assert await cared.care.pool.fetchval(LOGGED) == 0
    html = (await cared.call("GET", f"/worklist?schedule={other}")).text
    assert "其余尚未查看" in html
    assert "继续查找" in html


async def test_a_filter_that_fits_finds_everything_in_order(cared: CareWorld) -> None:
    own, _ = await crowded(cared, 150)
    seen: list[Json] = []
    after = None
    while not seen or after:
        found = await page(cared, schedule=own, after=after)
        seen += found["tasks"]
        after = found["next_after"]
        assert len(found["tasks"]) == 50 or after is None
    assert len({each["id"] for each in seen}) == len(seen) == 152
    assert [each["due_on"] for each in seen] == sorted(each["due_on"] for each in seen)


async def test_only_what_is_mine_is_looked_at_however_much_there_is(cared: CareWorld) -> None:
    await crowded(cared, OPENED + 100)
    await cared.care.pool.execute("UPDATE episode_worker SET subject = 'colleague'")
    assert (await page(cared, mine="true"))["tasks"] == []
    assert (await page(cared, mine="true"))["next_after"] is None
    mine = await cared.enrolled(enrolment(cared.lmp + timedelta(days=1)))
    await cared.on(cared.today)
    assert {each["episode"] for each in (await page(cared, mine="true"))["tasks"]} == {mine}


async def test_counts_stop_where_the_page_says_so(cared: CareWorld) -> None:
    await crowded(cared, COUNTED + 10)
    found = await page(cared, limit=1)
    assert (found["counts"]["today"], found["uncounted"]) == (COUNTED, ["today"])
    assert f">{COUNTED}+<" in (await cared.call("GET", "/worklist")).text


@pytest.mark.parametrize("days", [0, 20, 60, 100, 200, 400])
async def test_counts_of_a_page_are_the_counts(cared: CareWorld, days: int) -> None:
    await cared.world.birth()
    for age in (10, 60, 100, 150, 250):
        await cared.enrolled(enrolment(cared.today - timedelta(days=age)))
    if days % 40 == 0:
        await cared.on(cared.today + timedelta(days=days // 2))
    day = cared.world.today + timedelta(days=days)
    async with cared.care.pool.acquire() as connection:
        assert await counts.some(connection, LIUQUAN, day, 1_000) == await counts.now(connection, LIUQUAN, day)


@pytest.mark.parametrize("path", ["/v1/worklist", "/worklist", "/worklist/paper"])
async def test_a_schedule_that_there_is_not_is_refused(cared: CareWorld, path: str) -> None:
    assert (await cared.call("GET", f"{path}?schedule=cn-nothing")).status_code == 422
    assert (await cared.call("GET", f"{path}?schedule=")).status_code == 200
