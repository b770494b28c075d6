"""What the registry said gives an episode one standing: in any order, any repetition, and after any crash."""

import random

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.alerts.episodes import life as episode_life
from services.alerts.episodes import repository as episodes
from services.alerts.episodes.acting import acting
from services.alerts.life.handlers import begins
from services.alerts.life.knowing import noted
from shared.db import transaction
from shared.feed.follow import FeedEntry
from tests.alerts_world import Body, entry, person
from tests.care_world import CareWorld, enrolment
from tests.property.test_directory_order import NAMES, registers

pytest_plugins = ["tests.alerts"]

TABLES = "directory_person, directory_index, directory_word, episode_life"
Standing = tuple[str, bool, tuple[str, ...]]


async def linked(cared: CareWorld) -> dict[str, str]:
    """An episode for each of two of the people, linked to them; what was there before is over, and beside none."""
    await cared.care.pool.execute("UPDATE episode SET state = 'ended'")
    made = {name: await cared.enrolled(enrolment(cared.lmp)) for name in NAMES[:2]}
    async with acting(cared.care) as act:
        for name, episode in made.items():
            found = await episodes.one(act.connection, episode)  # type: ignore[arg-type] # its text will do
            assert found is not None
            await begins(act, await episode_life.link(act, found, name))
    return made


async def anew(cared: CareWorld, made: dict[str, str]) -> None:
    """As they were before anything was said."""
    await cared.care.pool.execute(f"TRUNCATE {TABLES} /* removes */")
    async with acting(cared.care) as act:
        for episode in made.values():
            found = await episodes.one(act.connection, episode)  # type: ignore[arg-type]
            assert found is not None
            await episodes.update(act.connection, found.but(state="active"))


async def standing(cared: CareWorld, made: dict[str, str]) -> dict[str, Standing]:
    found = {}
    async with acting(cared.care) as act:
        for name, episode in made.items():
            row = await episodes.one(act.connection, episode)  # type: ignore[arg-type]
            assert row is not None
            note = await noted(act, row)
            found[name] = (row.state, note.asks, tuple(each.value for each in note.findings))
    return found


async def cut_off(cared: CareWorld, page: list[FeedEntry]) -> None:
    """The database ends the connection when everything of the page is done but its commit."""
    async with transaction(cared.care.pool) as connection:
        await cared.world.alerts.hearing.handle(connection, page)
        await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@given(told=registers(8), seed=st.integers(0, 10_000))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_order_and_repetition_gives_an_episode_the_same_standing(
    cared: CareWorld, told: list[Body], seed: int
) -> None:
    made = await linked(cared)
    entries = [entry(position, body) for position, body in enumerate(told, start=1)]
    chance = random.Random(seed)
    shuffled = [*entries, *chance.choices(entries, k=3)]
    chance.shuffle(shuffled)
    found = []
    for order in (entries, shuffled, entries[::-1]):
        await anew(cared, made)
        for each in order:
            await cared.world.hear([each])
        found.append(await standing(cared, made))
    assert found[0] == found[1] == found[2]


async def test_a_crash_between_leaves_all_of_a_page_or_nothing(cared: CareWorld) -> None:
    made = await linked(cared)
    page: list[FeedEntry] = [entry(1, person("a", alive=False)), entry(2, person("b", indexes=["61" * 4]))]
    before = await standing(cared, made)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await cut_off(cared, page)
    assert await standing(cared, made) == before
    assert await cared.care.pool.fetchval("SELECT count(*) FROM directory_person") == 0
    for _ in range(2):
        await cared.world.hear(page)
    assert (await standing(cared, made))["a"] == ("ended", False, ("death-registered",))
    assert [kind for kind, _ in await cared.told()] == ["opened", "opened", "closed"]
