"""Alerts keeps no area of a protected person: not on a worklist, and not under a name they once had."""

from tests.alerts_world import DAY_15, World, merged, person

pytest_plugins = ["tests.alerts"]


async def areas(world: World) -> dict[str, str | None]:
    async with world.alerts.service.pool.acquire() as connection:
        rows = await connection.fetch("SELECT reference, area FROM directory_person")
    return {row["reference"]: row["area"] for row in rows}


async def test_help_leaves_the_worklist_of_where_she_lives_as_after_any_move(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    assert len(await world.worklist()) == 1
    await world.tell(person("mother", area=None))
    assert await world.worklist() == []
    assert await world.announced() == ["opened", "moved-away"]
    async with world.alerts.service.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM registration_help WHERE area IS NOT NULL") == 0


async def test_no_area_is_left_under_a_former_name(world: World) -> None:
    await world.tell(person("b"), person("a"), merged("b", "a"))
    assert all((await areas(world)).values())
    await world.tell(person("a", area=None))
    assert await areas(world) == {"a": None, "b": None}


async def test_a_merge_with_somebody_who_is_protected_leaves_none_either(world: World) -> None:
    await world.tell(person("b"), person("a", area=None), merged("b", "a"))
    assert await areas(world) == {"a": None, "b": None}
