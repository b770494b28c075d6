"""The daily digest: one for a facility and day, whoever makes it and however long nobody did; counts under consent."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.alerts.digests.rules import due
from shared.clock import SHANGHAI
from tests.alerts_world import DONGMING, LIUQUAN
from tests.channels_world import SUPERVISOR, Channels

pytest_plugins = ["tests.alerts"]
DAY = date(2026, 3, 1)


async def digests(channels: Channels, facility: str = LIUQUAN) -> list[dict[str, Any]]:
    """What a facility's feed says of its days."""
    world = channels.cared.world
    answer = await world.http.get("/v1/feed?limit=1000", headers=world.token(facility))
    return [each["data"] for each in answer.json()["entries"] if each.get("data", {}).get("kind") == "digest"]


async def test_a_digest_counts_what_the_worklist_shows_and_names_nobody(channels: Channels) -> None:
    await channels.cared.enrolled()
    assert await channels.digest() == len(channels.cared.world.alerts.facilities.codes)
    (told,) = await digests(channels)
    assert told.keys() == {"kind", "on", "today", "overdue", "soon", "link"}
    assert (told["on"], told["today"], told["overdue"]) == ("2026-03-01", 1, 0)
    (elsewhere,) = await digests(channels, DONGMING)
    assert (elsewhere["today"], elsewhere["overdue"], elsewhere["soon"]) == (0, 0, 0)


async def test_a_month_without_anyone_is_followed_by_one_digest(channels: Channels) -> None:
    await channels.digest()
    await channels.digest(days=31)
    assert [each["on"] for each in await digests(channels)] == ["2026-03-01", "2026-04-01"]


async def test_sixteen_workers_make_each_digest_once(channels: Channels) -> None:
    made = await asyncio.gather(*(channels.digest() for _ in range(16)))
    assert sum(made) == len(channels.cared.world.alerts.facilities.codes)
    assert len(await digests(channels)) == 1


async def test_before_its_hour_there_is_none(channels: Channels) -> None:
    assert await channels.digest(hour=6) == 0
    assert await channels.digest(hour=7) > 0


@pytest.mark.parametrize(
    ("here", "made", "expected"),
    [
        (datetime(2026, 3, 1, 6, 59, tzinfo=SHANGHAI), None, False),
        (datetime(2026, 3, 1, 7, 0, tzinfo=SHANGHAI), None, True),
        (datetime(2026, 3, 1, 23, 59, tzinfo=SHANGHAI), DAY, False),
        (datetime(2026, 3, 2, 0, 0, tzinfo=SHANGHAI), DAY, False),
        (datetime(2026, 3, 2, 7, 0, tzinfo=SHANGHAI), DAY, True),
        (datetime(2026, 2, 28, 23, 0, tzinfo=UTC).astimezone(SHANGHAI), DAY - timedelta(days=1), True),
    ],
)
def test_a_day_begins_in_shanghai(here: datetime, made: date | None, *, expected: bool) -> None:
    assert due(here, 7, made) is expected


async def test_only_those_whose_consent_holds_are_counted(channels: Channels) -> None:
    cared = channels.cared
    paused, withdrawn, _kept = [await cared.enrolled() for _ in range(3)]
    assert (await cared.act(paused, "pause", {})).status_code < 300
    assert (await cared.call("DELETE", f"/v1/episodes/{withdrawn}/consent")).status_code < 300
    await channels.digest()
    (told,) = await digests(channels)
    assert told["today"] == 1


async def test_what_nobody_let_pass_yet_is_counted_as_the_dates_say(channels: Channels) -> None:
    """The digest comes up with the process, before the days that it was down have been passed."""
    cared = channels.cared
    episode = await cared.enrolled()
    contact, *_ = await cared.contacts(episode, "open")
    await channels.digest(days=(date.fromisoformat(contact["closes_on"]) - cared.today).days + 1)
    (told,) = await digests(channels)
    assert told["today"] == 0


async def test_supervisors_see_counts_by_worker_and_no_woman(channels: Channels) -> None:
    cared = channels.cared
    first, second = await cared.enrolled(), await cared.enrolled()
    pool = cared.care.pool
    answer = await cared.call("GET", "/v1/supervision", **SUPERVISOR)
    assert answer.status_code == 200
    told = answer.json()
    assert told["tasks"]["today"] == 2
    assert sum(each["today"] for each in told["workers"]) == 2
    for thing in (first, second, "王秀英", "maternal"):
        assert thing not in answer.text
    assert (await cared.act(first, "pause", {})).status_code < 300
    told = (await cared.call("GET", "/v1/supervision", **SUPERVISOR)).json()
    assert told["tasks"]["today"] == 1
    elsewhere = (await cared.call("GET", "/v1/supervision", facility=DONGMING, **SUPERVISOR)).json()
    assert elsewhere["tasks"] == {"overdue": 0, "today": 0, "soon": 0}
    assert (await cared.call("GET", "/v1/supervision")).status_code == 403
    assert await pool.fetchval("SELECT count(*) FROM access_log WHERE subject = 'head'") == 0


async def test_supervisors_see_how_many_hand_overs_wait_and_what_each_worker_was_given(channels: Channels) -> None:
    cared = channels.cared
    episode, pool = await cared.enrolled(), cared.care.pool
    await pool.execute(
        "INSERT INTO handover (handover_id, episode_id, from_facility, to_facility, area, state, since) "
        "VALUES (gen_random_uuid(), $1, $2, $3, '370102902', 'offered', $4)",
        UUID(episode),
        LIUQUAN,
        DONGMING,
        cared.today,
    )
    for subject, until in (("nurse", None), ("zhao", None), ("left", cared.today - timedelta(days=1))):
        await pool.execute(
            "INSERT INTO episode_worker (episode_id, subject, facility, valid_from, valid_until) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            UUID(episode),
            subject,
            LIUQUAN,
            cared.today - timedelta(days=9),
            until,
        )
    told = (await cared.call("GET", "/v1/supervision", **SUPERVISOR)).json()
    assert (told["offered"], told["offered_here"]) == (1, 0)
    assert [(each["worker"], each["today"]) for each in told["workers"]] == [("nurse", 1), ("zhao", 1)]
    there = (await cared.call("GET", "/v1/supervision", facility=DONGMING, **SUPERVISOR)).json()
    assert (there["offered"], there["offered_here"], there["workers"]) == (0, 1, [])


async def test_administrators_see_no_number_of_a_facilitys_feed(channels: Channels) -> None:
    world = channels.cared.world
    administrator = {"authorization": "Bearer " + world.issuer.issue(subject="admin", roles=["administrator"])}
    before = (await world.http.get("/v1/overview", headers=administrator)).json()
    await channels.cared.enrolled()
    assert await channels.cared.told()
    after = (await world.http.get("/v1/overview", headers=administrator)).json()
    assert after == before
    assert (after["feeds"], after["incomplete"]) == ([], [])
