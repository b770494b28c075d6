"""Everybody at once: workers, the clock, and women who withdraw; nothing fails, and nothing is announced twice."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import httpx

from services.alerts.contacts.passing import let_days_pass
from services.alerts.episodes.looking import look
from tests.care_world import CareWorld, enrolment

pytest_plugins = ["tests.alerts"]

BREAK_COMMITS = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no commit today'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON episode DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse();
"""


async def test_acts_and_days_at_once_neither_fail_nor_double_anything(cared: CareWorld) -> None:
    episodes = [await cared.enrolled() for _ in range(8)]
    contacts = {each: (await cared.contacts(each, "open"))[0]["contact"] for each in episodes}
    cared.world.today += timedelta(days=45)
    acts: list[Awaitable[httpx.Response]] = []
    for place, episode in enumerate(episodes):
        acts += [cared.outcome(episode, contacts[episode]), cared.act(episode, "pause"), cared.act(episode, "resume")]
        acts += [cared.act(episode, "dates", {"lmp": cared.lmp.isoformat()})]
        acts += [cared.call("DELETE", f"/v1/episodes/{episode}/contacts/{contacts[episode]}/outcome")]
        if place % 2:
            acts += [cared.call("DELETE", f"/v1/episodes/{episode}/consent")] * 1
    clock = [step for _ in range(6) for step in (let_days_pass(cared.care, 2), look(cared.care, 2))]
    answers, _ = await asyncio.gather(asyncio.gather(*acts), asyncio.gather(*clock))
    assert {each.status_code for each in answers} <= {200, 204, 404, 409}
    await cared.on(cared.today)
    for place, episode in enumerate(episodes):
        answer = await cared.call("GET", f"/v1/episodes/{episode}")
        assert answer.status_code == (404 if place % 2 else 200)
    kept = {each["contact"] for episode in episodes[::2] for each in await cared.contacts(episode)}
    named = {contact for kind, contact in await cared.told() if kind not in ("withheld", "closed")}
    assert named <= kept
    rows = await cared.care.pool.fetch(
        "SELECT episode_id FROM care_contact WHERE state = 'planned' AND next_change_on IS NULL"
    )
    paused = {episode for episode in episodes[::2] if (await cared.read(episode))["state"] == "paused"}
    assert {str(row["episode_id"]) for row in rows} <= paused


async def test_an_enrolment_whose_commit_fails_is_no_success_and_can_be_sent_again(cared: CareWorld) -> None:
    body = enrolment(cared.lmp, request="request-1")
    await cared.care.pool.execute(BREAK_COMMITS)
    assert (await cared.call("POST", "/v1/episodes", body)).status_code == 500
    assert await cared.care.pool.fetchval("SELECT count(*) FROM access_log") == 0
    await cared.care.pool.execute("DROP TRIGGER refuse ON episode")
    episode = await cared.enrolled(body)
    assert (await cared.read(episode))["record"]["name"] == "王秀英"
    assert len(await cared.told()) == 1
