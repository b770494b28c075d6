"""One record that cannot be opened stops nobody else's care, and is still erased in its time."""

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import structlog

from services.alerts.contacts.handlers import shown
from services.alerts.episodes.life import KEPT_AFTER
from services.alerts.episodes.looking import look
from services.alerts.episodes.vault import context
from services.alerts.keys import WRAP
from services.alerts.own.callers import subject_of
from services.alerts.schedules.selection import Catalogue
from shared.auth.caller import Caller
from shared.crypto.sealing import seal
from shared.db import transaction
from shared.feed import http as feed_http
from tests.alerts_world import DONGMING, LIUQUAN
from tests.care_world import CareWorld, consent, enrolment
from tests.channels_world import SUPERVISOR, Channels
from tests.line import until
from tests.service.test_handovers import answered, offered
from tests.webhooks_world import receiving

pytest_plugins = ["tests.alerts"]
NURSE = Caller("nurse", roles=frozenset({"care-worker"}), purpose="care", facility=LIUQUAN)


@pytest.fixture
async def two(cared: CareWorld) -> tuple[str, str]:
    """Two episodes whose consent ends in ten days; the key of the first is damaged."""
    last = (cared.today + timedelta(days=10)).isoformat()
    bad, good = [await cared.enrolled(enrolment(cared.lmp, consent=consent(until=last))) for _ in range(2)]
    damage(cared, bad)
    return bad, good


def damage(cared: CareWorld, episode: str) -> None:
    """The key of an episode can be opened no more."""
    cared.care.vault.path(UUID(episode)).write_bytes(b"damaged")


async def next_look(cared: CareWorld, episode: str) -> date | None:
    """When an episode is looked at next."""
    async with cared.care.pool.acquire() as connection:
        row = await connection.fetchrow("SELECT next_look_on FROM episode WHERE episode_id = $1", UUID(episode))
    assert row is not None
    found: date | None = row[0]
    return found


async def test_a_damaged_key_stops_no_other_episode_and_its_own_is_erased_in_time(
    cared: CareWorld, two: tuple[str, str]
) -> None:
    bad, good = two
    ended = cared.today + timedelta(days=11)
    await cared.on(ended)
    assert (await cared.read(good))["consent"] == "expired"
    assert await next_look(cared, bad) == ended + timedelta(days=1)
    await cared.on(ended + KEPT_AFTER)
    async with cared.care.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM episode") == 0


async def test_lists_show_the_others(cared: CareWorld, two: tuple[str, str]) -> None:
    bad, good = two
    async with transaction(cared.care.pool) as connection:
        rows = await connection.fetch("SELECT contact_id, episode_id FROM care_contact WHERE state = 'open'")
        found = await shown(connection, cared.care, NURSE, [row["contact_id"] for row in rows], "test")
    assert {str(row["episode_id"]) for row in rows} == {bad, good}
    assert {str(each.episode_id) for each in found} == {good}
    answer = await cared.call("GET", "/v1/worklist")
    assert answer.status_code == 200
    assert answer.text.count(good) >= 1
    assert bad not in answer.text


async def test_a_list_of_one_schedule_goes_on_past_what_is_damaged(cared: CareWorld) -> None:
    lost, torn, good = [await cared.enrolled() for _ in range(3)]
    damage(cared, lost)
    await cared.care.pool.execute("UPDATE care_contact SET sealed = 'x' WHERE episode_id = $1", UUID(torn))
    found, after = [], ""
    for _ in range(4):
        page = (await cared.call("GET", f"/v1/worklist?schedule=cn-antenatal&limit=1{after}")).json()
        found += [task["episode"] for task in page["tasks"]]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"
    assert set(found) == {good}
    assert page["next_after"] is None


async def contacts_of(cared: CareWorld, episode: str) -> set[str]:
    """The ids of an episode's contacts."""
    rows = await cared.care.pool.fetch("SELECT contact_id FROM care_contact WHERE episode_id = $1", UUID(episode))
    return {str(row["contact_id"]) for row in rows}


async def test_feeds_withhold_it_tell_of_the_others_and_the_log_says_no_id(
    cared: CareWorld, two: tuple[str, str]
) -> None:
    bad, good = two
    with structlog.testing.capture_logs() as logged:
        told = await cared.told()
    assert told[0] == ("withheld", "")
    assert {which for kind, which in told if kind != "withheld"} & {good, *await contacts_of(cared, good)}
    assert not {which for _, which in told} & {bad, *await contacts_of(cared, bad)}
    troubles = [each for each in logged if each["event"] == "episode_not_opened"]
    assert troubles == [{"event": "episode_not_opened", "log_level": "error", "trouble": "Unsealable"}]
    written = await cared.care.pool.fetch("SELECT DISTINCT reference FROM access_log WHERE action = 'feed'")
    assert len(written) == 1, "whoever is told of is written down"
    newest = await cared.call("GET", "/v1/feed.json")
    assert newest.status_code == 200
    assert any(each in newest.text for each in await contacts_of(cared, good))
    assert not any(each in newest.text for each in await contacts_of(cared, bad))


async def test_a_stream_goes_on_past_it(
    cared: CareWorld, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = two
    monkeypatch.setattr(feed_http, "STREAM_SECONDS", 0.0)  # it ends, and is resumed, after each read
    headers, heard = cared.world.token(), ""
    while not any(each in heard for each in await contacts_of(cared, good)):
        stream = await cared.world.http.get("/v1/feed/stream", headers=headers)
        assert stream.status_code == 200
        heard += stream.text
        headers |= {"last-event-id": re.findall(r"(?m)^id: (.*)$", stream.text)[-1]}
    assert not any(each in heard for each in await contacts_of(cared, bad))


async def test_pages_and_lists_go_on_without_it(cared: CareWorld, two: tuple[str, str]) -> None:
    bad, good = two
    cared.world.today += timedelta(days=1)
    needing = await cared.call("GET", "/v1/episodes?needs=ending")
    assert [each["episode"] for each in needing.json()["episodes"]] == [good]
    for page in ("/episodes?needs=ending", "/worklist"):
        answer = await cared.call("GET", page)
        assert (answer.status_code, good in answer.text, bad in answer.text) == (200, True, False), page


async def test_reports_and_offers_go_on_without_it(cared: CareWorld) -> None:
    bad, good = [await cared.enrolled() for _ in range(2)]
    tasks = (await cared.call("GET", "/v1/worklist")).json()["tasks"]
    offers = {}
    for task in tasks:
        wrong = await cared.call("POST", f"/v1/worklist/{task['id']}/wrong", {"wrong": "other"})
        assert wrong.status_code == 204, wrong.text
        offers[task["episode"]] = await offered(cared, task["episode"])
    assert offers.keys() == {bad, good}
    damage(cared, bad)
    reports = await cared.call("GET", "/v1/task-reports", **SUPERVISOR)
    assert (reports.status_code, len(reports.json()["reports"])) == (200, 1)
    outgoing = await cared.call("GET", "/v1/handovers")
    assert [each["episode"] for each in outgoing.json()["outgoing"]] == [good]
    incoming = await cared.call("GET", "/v1/handovers", facility=DONGMING)
    assert [each["id"] for each in incoming.json()["incoming"]] == [offers[good]]


async def test_webhooks_send_of_the_others_and_digests_are_made(channels: Channels) -> None:
    cared = channels.cared
    async with receiving() as receiver:
        await channels.hook(receiver.url)
        bad = await cared.enrolled()
        await cared.enrolled()
        damage(cared, bad)
        await channels.digest()
        told = (await cared.call("GET", "/v1/feed")).json()["entries"]
        sent = [each["data"]["kind"] for each in told if "data" in each]
        assert len(sent) == len(told) - 1
        async with channels.sending():

            async def settled() -> bool:
                standing = (await channels.hooks("GET", "clinic")).json()
                return bool(standing["position"] == len(told) and standing["due"] == 0)

            await until(settled, "everything is planned and settled")
        kinds = [kind for message in receiver.got for kind in message.json["data"]["counts"]]
        assert sorted(kinds) == sorted(sent)
        assert "digest" in kinds


async def test_the_stay_of_one_that_is_damaged_ends_and_holds_up_no_others(cared: CareWorld) -> None:
    bad, good = [await cared.enrolled() for _ in range(2)]
    last = cared.today + timedelta(days=7)
    for episode in (bad, good):
        handover = await offered(cared, episode, until=str(last))
        assert (await answered(cared, handover)).status_code == 200
    damage(cared, bad)
    cared.world.today = last + timedelta(days=1)
    moving = cared.world.alerts.moving
    assert [await moving.let_stays_end(), await moving.let_stays_end()] == [2, 0]
    rows = await cared.care.pool.fetch("SELECT episode_id, facility FROM episode")
    assert {(str(row["episode_id"]), row["facility"]) for row in rows} == {(bad, LIUQUAN), (good, LIUQUAN)}
    named = await cared.care.pool.fetch("SELECT episode_id FROM episode_worker")
    assert [str(row["episode_id"]) for row in named] == [good], "whose it was is sealed, and lost with the key"


async def test_a_schedule_that_is_not_provided_any_more_stops_no_other_episode(cared: CareWorld) -> None:
    unplanned = await cared.enrolled()
    async with cared.care.pool.acquire() as connection:
        await connection.execute("UPDATE episode SET next_look_on = $1", cared.today)
    assert await look(replace(cared.care, catalogue=Catalogue([]))) == 1
    assert await next_look(cared, unplanned) == cared.today + timedelta(days=1)


async def test_a_folder_of_keys_that_is_away_for_a_moment_ends_no_retention(cared: CareWorld) -> None:
    last = cared.today + timedelta(days=10)
    episode = await cared.enrolled(enrolment(cared.lmp, consent=consent(until=last.isoformat())))
    keys = cared.care.vault.keys
    away = keys.rename(keys.with_name("away"))
    cared.world.today = last + timedelta(days=1)
    assert await look(cared.care) == 1
    away.rename(keys)
    assert await next_look(cared, episode) == last + timedelta(days=2)
    await cared.on(last + timedelta(days=2))
    assert (await cared.read(episode))["consent"] == "expired"


async def test_an_outcome_that_is_sent_again_is_written_down_again_with_what_it_answers(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    contact = (await cared.contacts(episode, "open"))[0]["contact"]
    for _ in range(2):
        assert (await cared.outcome(episode, contact)).status_code == 200
    async with cared.care.pool.acquire() as connection:
        rows = await connection.fetch("SELECT fields FROM access_log WHERE action = 'record-outcome'")
    assert [list(row["fields"]) for row in rows] == [["care-contact"]] * 2


def overwrite(cared: CareWorld, episode: str) -> None:
    """A key of the right form, under which nothing of it was sealed."""
    vault, at = cared.care.vault, UUID(episode)
    vault.path(at).write_bytes(seal(vault.ring, WRAP, bytes(32), context(at)))


async def garble(cared: CareWorld, episode: str) -> None:
    """The record itself, in the database, is damaged."""
    await cared.care.pool.execute("UPDATE episode SET sealed = 'garbled' WHERE episode_id = $1", UUID(episode))


@pytest.mark.parametrize("trouble", ["key", "other-key", "bytes"])
async def test_whoever_reads_it_alone_is_told_that_it_cannot_be_opened_and_may_still_withdraw(
    cared: CareWorld, trouble: str
) -> None:
    episode = await cared.enrolled()
    contact = (await cared.contacts(episode, "open"))[0]["contact"]
    if trouble == "bytes":
        await garble(cared, episode)
    else:
        (damage if trouble == "key" else overwrite)(cared, episode)
    told = cared.world.issuer.issue(subject=subject_of(UUID(episode)), roles=["citizen"], purpose="own-data")
    herself = {"authorization": f"Bearer {told}", "accept-language": "zh-CN"}
    with structlog.testing.capture_logs() as logged:
        answers = [
            await cared.call("GET", f"/v1/episodes/{episode}"),
            await cared.act(episode, "dates", {"lmp": cared.lmp.isoformat()}),
            await cared.outcome(episode, contact),
            await cared.world.http.get("/v1/me/episode", headers=herself),
            await cared.world.http.get("/v1/me/episode/copy", headers=herself),
        ]
    assert [(each.status_code, each.json()["type"]) for each in answers] == [(503, "/errors#record-not-opened")] * 5
    assert answers[-1].json()["title"] == "目前无法打开该记录"
    pages = [await cared.call("GET", f"/episodes/{episode}"), await cared.world.http.get("/me", headers=herself)]
    for page, home in zip(pages, ("/", "/me"), strict=True):
        assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert "<h1>目前无法打开该记录</h1>" in page.text
        assert f'<a href="{home}">' in page.text
    for answer in (*answers, *pages):
        assert not any(each in answer.text for each in ("王秀英", "13800000001"))
    assert not any(episode in answer.text for answer in (*answers, pages[1]))
    assert {each["event"] for each in logged} == {"record_not_opened"}
    assert not any(episode in str(each) for each in logged)
    elsewhere = await cared.call("GET", f"/v1/episodes/{episode}", facility=DONGMING)
    assert elsewhere.status_code == 404
    read = await cared.care.pool.fetchval("SELECT count(*) FROM access_log WHERE action IN ('own-copy', 'own-episode')")
    assert read == 0, "what was not shown was not read"
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404
