"""Consents that end: told thirty days before and on the last day, once each, and nothing once they are over."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from services.alerts.episodes.ending import tell_ends
from services.alerts.episodes.looking import look
from services.alerts.feeds.reading import ToldFeed
from shared.feed.values import Cursor
from tests.alerts_world import DONGMING, LIUQUAN
from tests.care_world import CareWorld, Json, consent, enrolment

pytest_plugins = ["tests.alerts"]
SOON, TODAY = "consent-ends-soon", "consent-ends-today"


async def until(cared: CareWorld, days: int) -> str:
    """A woman whose consent holds so many days more."""
    last = cared.today + timedelta(days=days)
    return await cared.enrolled(enrolment(cared.lmp, consent=consent(until=last.isoformat())))


async def ends(cared: CareWorld, facility: str = LIUQUAN) -> list[Json]:
    """What the feed says of consents."""
    entries = (await cared.call("GET", "/v1/feed?limit=1000", None, facility=facility)).json()["entries"]
    return [each["data"] for each in entries if each.get("data", {}).get("kind", "").startswith("consent-ends")]


async def bodies(cared: CareWorld, episode: str) -> list[bytes | None]:
    """What is kept of what was told of its consent, in every feed."""
    rows = await cared.care.pool.fetch("SELECT body FROM feed_entry WHERE entry_id::text LIKE $1", f"{episode[:18]}%")
    return [row["body"] for row in rows]


def said(kind: str, episode: str, on: date, last: date) -> Json:
    """An entry: ids and dates, nothing else."""
    return {"kind": kind, "episode": episode, "on": on.isoformat(), "ends_on": last.isoformat()}


async def test_it_is_told_thirty_days_before_and_on_the_last_day_once(cared: CareWorld) -> None:
    episode, last = await until(cared, 50), cared.today + timedelta(days=50)
    soon = last - timedelta(days=30)
    await cared.on(soon - timedelta(days=1))
    assert await ends(cared) == []
    await cared.on(soon)
    await cared.on(soon + timedelta(days=1))
    assert await ends(cared) == [said(SOON, episode, soon, last)]
    await cared.on(last)
    assert await ends(cared) == [said(SOON, episode, soon, last), said(TODAY, episode, last, last)]
    await asyncio.gather(*(tell_ends(cared.care) for _ in range(4)))
    assert len(await ends(cared)) == 2


async def test_a_worker_that_was_away_tells_the_same_once_and_nothing_of_what_is_over(cared: CareWorld) -> None:
    first, over, last = await until(cared, 50), await until(cared, 40), cared.today + timedelta(days=50)
    cared.world.today = last
    told = await asyncio.gather(*(tell_ends(cared.care) for _ in range(4)))
    assert sum(told) == 1  # the other consent is over: consent is looked at where it is told
    while await look(cared.care) or await tell_ends(cared.care):
        pass
    assert await ends(cared) == [said(SOON, first, last - timedelta(days=30), last), said(TODAY, first, last, last)]
    listed = (await cared.call("GET", "/v1/episodes?needs=expired")).json()["episodes"]
    assert [each["episode"] for each in listed] == [over]


async def test_a_short_consent_is_told_on_its_last_day_alone_and_a_renewed_one_anew(cared: CareWorld) -> None:
    episode, last = await until(cared, 10), cared.today + timedelta(days=10)
    await cared.on(cared.today)
    assert await ends(cared) == []
    await cared.on(last)
    assert await ends(cared) == [said(TODAY, episode, last, last)]
    later = last + timedelta(days=40)
    renewed = {"state": "changed", "consent": consent(until=later.isoformat())}
    assert (await cared.act(episode, "consent", renewed)).status_code == 204
    await cared.on(later)
    kinds = [(each["kind"], each["ends_on"]) for each in await ends(cared)]
    assert kinds == [(SOON, later.isoformat()), (TODAY, later.isoformat())]


async def test_while_it_rests_nothing_is_told_and_what_came_meanwhile_is_told_then(cared: CareWorld) -> None:
    episode, last = await until(cared, 40), cared.today + timedelta(days=40)
    assert (await cared.act(episode, "pause")).status_code == 204
    await cared.on(last - timedelta(days=20))
    assert await ends(cared) == []
    assert (await cared.act(episode, "resume")).status_code == 204
    await cared.on(cared.today)
    assert await ends(cared) == [said(SOON, episode, last - timedelta(days=30), last)]


async def test_without_any_contact_it_is_told_and_a_withdrawal_takes_it_out_of_every_feed(cared: CareWorld) -> None:
    episode, last = await until(cared, 40), cared.today + timedelta(days=40)
    await cared.care.pool.execute("DELETE FROM care_contact /* removes */")
    await cared.care.pool.execute("UPDATE episode SET next_look_on = $1", last + timedelta(days=1))
    await cared.on(last - timedelta(days=30))
    assert len(await ends(cared)) == 1
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    assert await ends(cared) == []
    assert await bodies(cared, episode) == [None]


async def given_today(cared: CareWorld, episode: str) -> None:
    """The database's clock stands where the world's date does: its last consent was recorded that day."""
    noon = datetime.combine(cared.today, time(4), UTC)
    await cared.care.pool.execute(
        "UPDATE episode_consent SET recorded_at = $2 WHERE episode_id = $1", UUID(episode), noon
    )


async def taken_on(cared: CareWorld, episode: str) -> None:
    """Dongming has the duty from now on."""
    offer = {"to": DONGMING, "agreed": {"version": "2026-01", "language": "zh", "channel": "in-person-written"}}
    made = await cared.act(episode, "handover", offer)
    assert made.status_code == 201, made.text
    (waiting,) = (await cared.call("GET", "/v1/handovers", facility=DONGMING)).json()["incoming"]
    accepted = await cared.call("POST", f"/v1/handovers/{waiting['id']}/accept", facility=DONGMING)
    assert accepted.status_code in (200, 204), accepted.text


async def test_once_it_is_over_or_elsewhere_the_former_words_are_withheld(cared: CareWorld) -> None:
    episode, last = await until(cared, 40), cared.today + timedelta(days=40)
    await given_today(cared, episode)
    await cared.on(last - timedelta(days=30))
    await taken_on(cared, episode)
    assert await ends(cared) == []
    await cared.on(cared.today)
    assert await ends(cared, DONGMING) == [said(SOON, episode, last - timedelta(days=30), last)]
    await cared.on(last + timedelta(days=1))
    assert await ends(cared, DONGMING) == []
    gone = await cared.call("DELETE", f"/v1/episodes/{episode}/consent", facility=DONGMING)
    assert gone.status_code == 204
    assert await bodies(cared, episode) == [None] * 2


async def test_the_json_feed_says_when_without_a_name_and_a_paused_one_is_sent_to_nobody(cared: CareWorld) -> None:
    episode, last = await until(cared, 40), cared.today + timedelta(days=40)
    await cared.on(last - timedelta(days=30))
    feed = (await cared.call("GET", "/v1/feed.json")).json()
    (item,) = [each for each in feed["items"] if each["tags"] == [SOON]]
    assert item["url"].endswith(f"/episodes/{episode}")
    assert last.isoformat() in item["content_text"]
    assert "王秀英" not in str(item)
    assert (await cared.act(episode, "pause")).status_code == 204
    sent = ToldFeed(cared.world.alerts.service.feeds, cared.care.vault, cared.world.alerts.today)
    async with cared.care.pool.acquire() as connection:
        epoch = await connection.fetchval("SELECT epoch FROM feed_head WHERE feed = $1", f"facility:{LIUQUAN}")
        page = await sent.read(connection, f"facility:{LIUQUAN}", 0, Cursor(epoch, 0), 100)
    assert not any(each.body and SOON.encode() in each.body for each in page.entries)


async def test_a_short_consent_is_told_at_another_facility_on_its_last_day_alone(cared: CareWorld) -> None:
    episode, last = await until(cared, 10), cared.today + timedelta(days=10)
    await given_today(cared, episode)
    await cared.on(cared.today + timedelta(days=1))
    await taken_on(cared, episode)
    await cared.on(cared.today)
    assert await ends(cared, DONGMING) == []
    await cared.on(last)
    assert await ends(cared, DONGMING) == [said(TODAY, episode, last, last)]


async def soon_in_json(cared: CareWorld) -> list[str]:
    """What the JSON feed says of consents that end soon."""
    items = (await cared.call("GET", "/v1/feed.json")).json()["items"]
    return [each["content_text"] for each in items if each["tags"] == [SOON]]


async def test_of_an_episode_that_ended_and_of_a_renewed_consent_the_old_day_is_not_told(cared: CareWorld) -> None:
    over, renewed = await until(cared, 40), await until(cared, 40)
    await cared.on(cared.today + timedelta(days=10))
    assert {each["episode"] for each in await ends(cared)} == {over, renewed}
    assert (await cared.act(over, "end", {"because": "moved"})).status_code == 204
    assert {each["episode"] for each in await ends(cared)} == {renewed}
    assert len(await soon_in_json(cared)) == 1
    assert (await cared.act(renewed, "consent", {"state": "changed", "consent": consent()})).status_code == 204
    assert await ends(cared) == []
    assert await soon_in_json(cared) == []
