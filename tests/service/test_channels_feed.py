"""One transition log for every channel: replayed from any position, each transition once, nothing beyond consent."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from services.alerts.episodes.identity import log_name
from shared.feed import http as feed_http
from tests.alerts_world import DONGMING, LIUQUAN
from tests.channels_world import SUPERVISOR, Channels
from tests.webhooks_world import receiving

pytest_plugins = ["tests.alerts"]


async def page(channels: Channels, after: str | None = None, limit: int = 1000, **claims: Any) -> httpx.Response:
    """The numbered feed, as a nurse of Liuquan unless said otherwise."""
    asked = {"limit": str(limit)} | ({"after": after} if after else {})
    facility = str(claims.pop("facility", LIUQUAN))
    headers = channels.cared.world.token(facility, **claims)
    return await channels.cared.world.http.get("/v1/feed", params=asked, headers=headers)


async def document(channels: Channels, **claims: Any) -> dict[str, Any]:
    """The JSON Feed."""
    headers = channels.cared.world.token(**claims)
    answer = await channels.cared.world.http.get("/v1/feed.json?limit=200", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_process_down_a_month_tells_the_same_transitions_once_through_every_channel(
    channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    cared = channels.cared
    async with receiving() as receiver, channels.sending():
        await channels.hook(receiver.url)
        await cared.enrolled()
        await channels.digest()
        await cared.on(cared.today + timedelta(days=31))
        await channels.digest()
        entries = (await page(channels)).json()["entries"]
        ids = [each["id"] for each in entries]
        assert len(ids) > 3
        assert len(set(ids)) == len(ids)
        transitions = [(each["data"]["kind"], each["data"].get("contact")) for each in entries]
        assert len(set(transitions)) == len(ids) - 1, "each once, and two digests"
        assert sum(kind == "digest" for kind, _ in transitions) == 2
        await receiver.has(len(ids))
        assert receiver.ids == [each["delivery"] for each in await channels.sent()]
        assert [item["id"] for item in reversed((await document(channels))["items"])] == [f"urn:uuid:{i}" for i in ids]
        monkeypatch.setattr(feed_http, "STREAM_SECONDS", 0.0)
        streamed: list[str] = []
        last: dict[str, str] = {}
        for _ in ids:
            text = (await cared.world.http.get("/v1/feed/stream", headers=cared.world.token() | last)).text
            streamed += [json.loads(line[6:])["id"] for line in text.splitlines() if line.startswith("data: ")]
            last = {"last-event-id": next(line[4:] for line in text.splitlines() if line.startswith("id: "))}
        assert streamed == ids


async def test_every_position_can_be_replayed_from_and_another_epoch_is_a_reset(channels: Channels) -> None:
    await channels.cared.enrolled()
    await channels.cared.on(channels.cared.today + timedelta(days=120))
    whole = (await page(channels)).json()
    assert [each["position"] for each in whole["entries"]] == list(range(1, whole["head"] + 1))
    for position in range(whole["head"]):
        rest = (await page(channels, f"{whole['epoch']}:{position}")).json()
        assert rest["entries"] == whole["entries"][position:]
    answer = await page(channels, "00000000-0000-4000-8000-000000000000:1")
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors#feed-reset")


async def test_names_stand_in_the_json_feed_for_care_workers_on_duty_only(channels: Channels) -> None:
    episode = await channels.cared.enrolled()
    items = (await document(channels))["items"]
    assert "王秀英" in items[0]["content_text"]
    assert items[0]["title"] == "A care contact has come due"
    assert items[0]["url"].endswith(f"/worklist/{items[0]['_tenfold']['contact']}")
    shown = await channels.cared.world.http.get(urlsplit(items[0]["url"]).path, headers=channels.cared.world.token())
    assert (shown.status_code, "王秀英" in shown.text) == (200, True)
    for path in ("/v1/feed", "/v1/feed.json", "/v1/feed/stream"):
        assert (await channels.cared.call("GET", path, **SUPERVISOR)).status_code == 403
    assert (await document(channels, facility=DONGMING))["items"] == []
    assert (await channels.cared.act(episode, "end", {"reason": "moved"})).status_code < 500
    assert (await channels.cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code < 300
    assert "王秀英" not in json.dumps(await document(channels), ensure_ascii=False)


async def test_withdrawal_and_expiry_withhold_entries_which_keep_their_places(channels: Channels) -> None:
    cared = channels.cared
    episode = await cared.enrolled()
    before = (await page(channels)).json()
    assert all("data" in each for each in before["entries"])
    until = (await cared.read(episode))["consent_until"]
    cared.world.today += timedelta(days=800)
    late = (await page(channels)).json()
    assert until < cared.today.isoformat()
    assert [each["position"] for each in late["entries"]] == [each["position"] for each in before["entries"]]
    assert {each.get("withheld") for each in late["entries"] if each.get("data", {}).get("kind") != "closed"} == {True}


async def test_each_reading_of_the_feed_is_written_down_for_whom_it_is_about(channels: Channels) -> None:
    cared = channels.cared
    episode = await cared.enrolled()
    pool = cared.care.pool
    seen = "SELECT reference, fields, action, basis FROM access_log WHERE action = 'feed'"
    name = log_name(cared.care.vault, UUID(episode))
    await page(channels)
    assert [tuple(row) for row in await pool.fetch(seen)] == [
        (name, ["contact", "opens_on", "due_on", "closes_on"], "feed", "her-consent")
    ]
    await page(channels, facility=DONGMING)
    assert len(await pool.fetch(seen)) == 1
    await document(channels)
    assert {row["reference"] for row in await pool.fetch(seen)} == {name}
    assert len(await pool.fetch(seen)) > 1
