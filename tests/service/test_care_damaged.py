"""One record that cannot be opened stops nobody else's care, and is still erased in its time."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from services.alerts.contacts.handlers import shown
from services.alerts.episodes.life import KEPT_AFTER
from services.alerts.episodes.looking import look
from services.alerts.schedules.selection import Catalogue
from shared.auth.caller import Caller
from shared.db import transaction
from tests.alerts_world import LIUQUAN
from tests.care_world import CareWorld, consent, enrolment

pytest_plugins = ["tests.alerts"]
NURSE = Caller("nurse", roles=frozenset({"care-worker"}), purpose="care", facility=LIUQUAN)


@pytest.fixture
async def two(cared: CareWorld) -> tuple[str, str]:
    """Two episodes whose consent ends in ten days; the key of the first is damaged."""
    until = (cared.today + timedelta(days=10)).isoformat()
    bad, good = [await cared.enrolled(enrolment(cared.lmp, consent=consent(until=until))) for _ in range(2)]
    cared.care.vault.path(UUID(bad)).write_bytes(b"damaged")
    return bad, good


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


async def test_a_schedule_that_is_not_provided_any_more_stops_no_other_episode(cared: CareWorld) -> None:
    unplanned = await cared.enrolled()
    async with cared.care.pool.acquire() as connection:
        await connection.execute("UPDATE episode SET next_look_on = $1", cared.today)
    assert await look(replace(cared.care, catalogue=Catalogue([]))) == 1
    assert await next_look(cared, unplanned) == cared.today + timedelta(days=1)


async def test_a_folder_of_keys_that_is_away_for_a_moment_ends_no_retention(cared: CareWorld) -> None:
    until = cared.today + timedelta(days=10)
    episode = await cared.enrolled(enrolment(cared.lmp, consent=consent(until=until.isoformat())))
    keys = cared.care.vault.keys
    away = keys.rename(keys.with_name("away"))
    cared.world.today = until + timedelta(days=1)
    assert await look(cared.care) == 1
    away.rename(keys)
    assert await next_look(cared, episode) == until + timedelta(days=2)
    await cared.on(until + timedelta(days=2))
    assert (await cared.read(episode))["consent"] == "expired"


async def test_an_outcome_that_is_sent_again_is_written_down_again_with_what_it_answers(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    contact = (await cared.contacts(episode, "open"))[0]["contact"]
    for _ in range(2):
        assert (await cared.outcome(episode, contact)).status_code == 200
    async with cared.care.pool.acquire() as connection:
        rows = await connection.fetch("SELECT fields FROM access_log WHERE action = 'record-outcome'")
    assert [list(row["fields"]) for row in rows] == [["care-contact"]] * 2
