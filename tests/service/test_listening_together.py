"""Many workers who listen to one facility's feed are answered together, and each as if alone."""

import asyncio
from collections import Counter
from uuid import UUID

import httpx
import pytest

from services.alerts.episodes.identity import log_name
from tests.alerts_world import DONGMING, LIUQUAN
from tests.care_world import CareWorld

pytest_plugins = ["tests.alerts"]

READERS = 12
LOGGED = "SELECT subject, reference FROM access_log WHERE action = 'feed'"


async def polled(cared: CareWorld, subject: str, query: str = "", facility: str = LIUQUAN) -> httpx.Response:
    """A worker waits for what comes."""
    return await cared.call("GET", f"/v1/feed?wait=20{query}", facility=facility, subject=subject)


async def waiting(cared: CareWorld, readers: int) -> None:
    """So many wait."""
    watch = cared.world.alerts.service.watch
    async with asyncio.timeout(20):
        while sum(map(len, watch.waiting.values())) < readers:  # noqa: ASYNC110 — nothing tells of it
            await asyncio.sleep(0.01)


async def test_each_is_told_the_same_and_written_down_under_their_own_name(cared: CareWorld) -> None:
    subjects = [f"nurse-{number}" for number in range(READERS)]
    polls = [asyncio.create_task(polled(cared, subject)) for subject in subjects]
    elsewhere = asyncio.create_task(polled(cared, "stranger", facility=DONGMING))
    await waiting(cared, READERS + 1)
    episode = await cared.enrolled()
    answers = await asyncio.gather(*polls)
    assert len({answer.content for answer in answers}) == 1
    assert [each["data"]["kind"] for each in answers[0].json()["entries"]] == ["opened"]
    name = log_name(cared.care.vault, UUID(episode))
    rows = [tuple(row) for row in await cared.care.pool.fetch(LOGGED)]
    assert Counter(rows) == Counter((subject, name) for subject in subjects)
    elsewhere.cancel()


async def test_who_was_shut_out_while_waiting_is_told_nothing_and_not_written_down(cared: CareWorld) -> None:
    await cared.world.listed(("head", "supervisor"), ("nurse", "care-worker"), ("lost", "care-worker"))
    polls = {each: asyncio.create_task(polled(cared, each)) for each in ("nurse", "lost")}
    await waiting(cared, len(polls))
    await cared.care.pool.execute("UPDATE staff_member SET ended_at = clock_timestamp() WHERE subject = 'lost'")
    await cared.enrolled()
    assert (await polls["nurse"]).status_code == 200
    assert (await polls["lost"]).status_code == 401
    assert {row["subject"] for row in await cared.care.pool.fetch(LOGGED)} == {"nurse"}


@pytest.mark.parametrize("after", ["00000000-0000-4000-8000-000000000000:1"])
async def test_a_cursor_that_is_none_here_spoils_no_other_answer(cared: CareWorld, after: str) -> None:
    await cared.enrolled()
    asked = [polled(cared, f"nurse-{number}", f"&after={after}" if number % 2 else "") for number in range(READERS)]
    answers = await asyncio.gather(*asked)
    assert [answer.status_code for answer in answers] == [409 if number % 2 else 200 for number in range(READERS)]


async def test_who_cannot_be_written_down_is_told_nothing_and_spoils_no_other_answer(cared: CareWorld) -> None:
    await cared.enrolled()
    await cared.care.pool.execute("ALTER TABLE access_log ADD CHECK (subject <> 'nurse-3')")
    answers = await asyncio.gather(*(polled(cared, f"nurse-{number}") for number in range(READERS)))
    assert [answer.status_code for answer in answers] == [500 if number == 3 else 200 for number in range(READERS)]
    rows = await cared.care.pool.fetch(LOGGED)
    assert sorted(row["subject"] for row in rows) == sorted(f"nurse-{each}" for each in range(READERS) if each != 3)
