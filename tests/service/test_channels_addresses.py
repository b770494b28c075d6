"""Secret addresses: counts and a link for whoever holds one, and one 404 for everything else."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.alerts.addresses.limits import PULLS_AT_ONCE, WRONG_AT_ONCE, Limits
from shared.db import transaction
from shared.errors import Problem
from tests.alerts_world import BORN, DONGMING, LIUQUAN
from tests.channels_world import SUPERVISOR, Channels

pytest_plugins = ["tests.alerts"]

CLINICAL = re.compile(
    r"pregnan|antenatal|postnatal|matern|birth|vaccin|bab(y|ies)|child|wom[ae]n|孕|产|妊娠|分娩|疫苗|婴|儿童|妇",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("kind", ["feed", "calendar"])
async def test_an_address_holds_counts_and_a_link_and_nothing_of_anyone(
    channels: Channels, kind: str, language: str
) -> None:
    episode = await channels.cared.enrolled()
    await channels.digest()
    made = await channels.address(kind, language=language)
    answer = await channels.pull(made["url"])
    assert answer.status_code == 200
    said = answer.content.decode().replace("\r\n ", "")
    assert "/worklist" in said
    known = json.dumps(await channels.cared.read(episode), ensure_ascii=False)
    for each in {"王秀英", "13800000001", "婆婆", "nurse", LIUQUAN, "Liuquan", episode, made["url"].split("/")[4]}:
        assert each not in said
    ids = set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", known))
    assert not [each for each in ids if each in said]
    assert not CLINICAL.search(said), CLINICAL.search(said)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_the_feed_has_one_item_a_day_with_its_counts(channels: Channels) -> None:
    await channels.cared.enrolled()
    made = await channels.address("feed", language="en")
    assert (await channels.pull(made["url"])).json()["items"] == []
    await channels.digest()
    await channels.digest(days=1)
    found = (await channels.pull(made["url"])).json()
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert "feed_url" not in found
    today, yesterday = found["items"]
    assert (yesterday["_tenfold"]["on"], today["_tenfold"]["on"]) == ("2026-03-01", "2026-03-02")
    assert yesterday["_tenfold"]["today"] >= 1
    assert len({today["id"], yesterday["id"]}) == 2
    assert yesterday["title"] == f"2026-03-01: {yesterday['_tenfold']['today']} today"


async def test_its_worker_sees_when_it_was_read_and_not_what_it_is(channels: Channels) -> None:
    made = await channels.address("calendar")
    secret = made["url"].split("/")[4]
    assert len(secret) == 43  # 256 random bits
    await channels.pull(made["url"])
    await channels.pull(made["url"])
    (shown,) = (await channels.cared.call("GET", "/v1/channels/addresses")).json()["addresses"]
    assert (shown["id"], shown["pulls"]) == (made["id"], 2)
    assert shown["pulled_at"] is not None
    assert secret not in json.dumps(shown)
    pool = channels.cared.care.pool
    rows = await pool.fetch("SELECT secret_address::text AS row FROM secret_address")
    assert secret not in rows[0]["row"]
    logged = await pool.fetch("SELECT subject, facility, action, reference, fields FROM access_log")
    assert [tuple(row) for row in logged] == [
        ("nurse", LIUQUAN, "pull-calendar", f"facility:{LIUQUAN}", ["counts"])
    ] * 2


async def test_rotated_and_revoked_addresses_are_unknown_at_once(channels: Channels) -> None:
    made = await channels.address("feed")
    path = f"/v1/channels/addresses/{made['id']}"
    again = (await channels.cared.call("POST", f"{path}/rotate")).json()
    assert again["url"] != made["url"]
    assert (await channels.pull(made["url"])).status_code == 404
    assert (await channels.pull(again["url"])).status_code == 200
    for _ in range(2):
        assert (await channels.cared.call("DELETE", path)).status_code == 204
    assert (await channels.pull(again["url"])).status_code == 404
    assert (await channels.cared.call("POST", f"{path}/rotate")).status_code == 404
    (shown,) = (await channels.cared.call("GET", "/v1/channels/addresses")).json()["addresses"]
    assert shown["revoked_at"] is not None


async def test_unknown_revoked_and_misplaced_addresses_are_one_answer(channels: Channels) -> None:
    feed, calendar = await channels.address("feed"), await channels.address("calendar")
    await channels.cared.call("DELETE", f"/v1/channels/addresses/{feed['id']}")
    at_calendar = calendar["url"].replace("calendar.ics", "feed.json")
    wrong = calendar["url"][:-15] + ("A" if calendar["url"][-15] != "A" else "B") + calendar["url"][-14:]
    guesses = [
        feed["url"],
        at_calendar,
        wrong,
        "http://x/secret/short/feed.json",
        f"http://x/secret/{'王' * 43}/feed.json",
    ]
    answers = [await channels.pull(each) for each in guesses]
    assert {each.status_code for each in answers} == {404}
    assert len({each.text for each in answers}) == 1
    assert await channels.cared.care.pool.fetchval("SELECT count(*) FROM access_log") == 0


async def test_nobody_handles_anothers_address(channels: Channels) -> None:
    made = await channels.address("feed")
    path = f"/v1/channels/addresses/{made['id']}"
    others: list[dict[str, Any]] = [{"facility": DONGMING}, {"subject": "colleague"}, SUPERVISOR]
    for claims in others:
        assert (await channels.cared.call("GET", "/v1/channels/addresses", **claims)).json()["addresses"] == []
        assert (await channels.cared.call("POST", f"{path}/rotate", **claims)).status_code == 404
        assert (await channels.cared.call("DELETE", path, **claims)).status_code == 404
    assert (await channels.pull(made["url"])).status_code == 200


async def test_an_address_shows_its_own_facility_only(channels: Channels) -> None:
    await channels.cared.enrolled()
    there = await channels.address("calendar", facility=DONGMING)
    (today,) = (await channels.calendar(there["url"])).values()
    assert (str(today["STATUS"]), today["DTSTART"].dt) == ("CANCELLED", BORN)


async def test_a_worker_who_left_loses_the_address(channels: Channels) -> None:
    cared = channels.cared
    await cared.world.listed(("head", "supervisor"), ("nurse", "care-worker"))
    made = await channels.address("calendar")
    assert (await channels.pull(made["url"])).status_code == 200
    staff = (await cared.call("GET", "/v1/staff", **SUPERVISOR)).json()["staff"]
    (nurse,) = [each["id"] for each in staff if each["subject"] == "nurse"]
    assert (await cared.call("DELETE", f"/v1/staff/{nurse}", **SUPERVISOR)).status_code == 204
    assert (await channels.pull(made["url"])).status_code == 404


async def test_a_lost_device_loses_the_address_until_its_worker_makes_another(channels: Channels) -> None:
    cared = channels.cared
    await cared.world.listed(("head", "supervisor"), ("nurse", "care-worker"))
    made = await channels.address("feed")
    staff = (await cared.call("GET", "/v1/staff", **SUPERVISOR)).json()["staff"]
    (nurse,) = [each["id"] for each in staff if each["subject"] == "nurse"]
    assert (await cared.call("POST", f"/v1/staff/{nurse}/revocation", **SUPERVISOR)).status_code == 204
    assert (await channels.pull(made["url"])).status_code == 404


async def test_ten_addresses_are_enough(channels: Channels) -> None:
    made = [await channels.address("feed") for _ in range(10)]
    answer = await channels.cared.call("POST", "/v1/channels/addresses", {"kind": "feed"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors#conflict")
    await channels.cared.call("DELETE", f"/v1/channels/addresses/{made[0]['id']}")
    await channels.address("calendar")


async def test_whoever_guesses_is_slowed_down_before_anything_is_looked_up(channels: Channels) -> None:
    made = await channels.address("feed")
    path = urlsplit(made["url"]).path
    guess = path.replace(path.split("/")[2], "B" * 43)
    answers = [await channels.cared.world.http.get(guess) for _ in range(int(WRONG_AT_ONCE) + 2)]
    assert [each.status_code for each in answers[: int(WRONG_AT_ONCE)]] == [404] * int(WRONG_AT_ONCE)
    assert answers[-1].status_code == 429
    assert answers[-1].json()["type"] == "/errors#asked-too-often"
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_limits_are_kept_by_where_guesses_come_from_and_by_address() -> None:
    now = [0.0]
    limits = Limits(lambda: now[0])
    for _ in range(int(WRONG_AT_ONCE)):
        limits.guessing("a")
        limits.wrong("a")
    with pytest.raises(Problem):
        limits.guessing("a")
    limits.guessing("b")
    now[0] = 1.5
    limits.guessing("a")
    for _ in range(int(PULLS_AT_ONCE)):
        limits.pull(b"x")
    with pytest.raises(Problem):
        limits.pull(b"x")
    limits.pull(b"y")


def test_limits_forget_who_has_waited_long_enough() -> None:
    now = [0.0]
    limits = Limits(lambda: now[0])
    for n in range(20_000):
        limits.wrong(str(n))
    now[0] = 10.0
    limits.wrong("one more")
    assert len(limits.buckets) == 1


async def test_what_an_address_shows_is_not_read_when_it_cannot_be_written_down(channels: Channels) -> None:
    made = await channels.address("calendar")
    async with transaction(channels.cared.care.pool) as connection:
        await connection.execute("ALTER TABLE access_log ADD CONSTRAINT full_disk CHECK (action <> 'pull-calendar')")
    answer = await channels.pull(made["url"])
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert await channels.cared.care.pool.fetchval("SELECT pulls FROM secret_address") == 0
    assert await channels.cared.care.pool.fetchval("SELECT count(*) FROM calendar_day") == 0
