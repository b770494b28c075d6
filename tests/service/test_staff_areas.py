"""An area is served by another facility from a day on, is split or merged: open work follows, and none is lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from services.alerts.facilities import repository
from services.alerts.facilities.duty import Facilities, Facility
from services.alerts.facilities.settling import Settling
from services.alerts.life.hearing import Hearing
from shared.identifiers.areas import Area, AreaTable
from tests.alerts_world import BORN, COUNTY, DAY_15, DONGMING, IN_LIUQUAN, LIUQUAN, World, person, wish

pytest_plugins = ["tests.alerts"]

LAST = DAY_15 + timedelta(days=5)
FIRST = LAST + timedelta(days=1)
STREET = IN_LIUQUAN[:9]
NOWHERE = AreaTable(())


def facility(code: str, *serves: object) -> Facility:
    """A facility that serves these prefixes."""
    return Facility.model_validate({"code": code, "zh": code, "en": code, "serves": list(serves)})


def taken_over() -> Facilities:
    """Liuquan's street is Dongming's after a day."""
    return Facilities(
        [
            facility(LIUQUAN, {"prefix": STREET, "until": LAST}),
            facility(DONGMING, "370102902", {"prefix": STREET, "from": FIRST}),
            facility(COUNTY, "370102"),
        ]
    )


def provision(world: World, facilities: Facilities, areas: AreaTable = NOWHERE) -> Settling:
    """The service starts with another file; its worker's settling."""
    helps = replace(world.helps, facilities=facilities)
    moving = replace(world.alerts.moving, facilities=facilities)
    hearing = replace(world.alerts.hearing, helps=helps, moving=moving)
    for name, value in (("helps", helps), ("hearing", hearing), ("facilities", facilities)):
        object.__setattr__(world.alerts, name, value)
    assert isinstance(hearing, Hearing)
    return Settling(world.alerts.service.pool, facilities, areas, hearing, lambda: world.today)


async def families(world: World, count: int = 3) -> None:
    """Mothers in Liuquan who asked for help."""
    for n in range(count):
        await world.tell(person(f"mother-{n}"), wish(f"child-{n}", f"mother-{n}"))


async def test_on_the_day_the_other_facility_begins_it_has_the_open_help(world: World) -> None:
    settling = provision(world, taken_over())
    await families(world)
    for day in (DAY_15, LAST):
        await world.on(day)
        await settling.settle()
        assert (len(await world.worklist()), await world.worklist(DONGMING)) == (3, [])
    await world.on(FIRST)
    await settling.settle()
    assert (await world.worklist(), len(await world.worklist(DONGMING))) == ([], 3)
    assert await world.announced() == ["opened"] * 3 + ["moved-away"] * 3
    assert await world.announced(DONGMING) == ["moved-here"] * 3


async def test_a_worker_that_was_down_for_a_month_settles_it_once(world: World) -> None:
    settling = provision(world, taken_over())
    await families(world)
    await world.on(DAY_15)
    await settling.settle()
    await world.on(FIRST + timedelta(days=30))
    again = provision(world, taken_over())
    await asyncio.gather(*(provision(world, taken_over()).settle() for _ in range(4)))
    await again.settle()
    assert await world.announced(DONGMING) == ["moved-here"] * 3


async def test_help_stays_where_it_is_when_nobody_serves_the_place_any_more(world: World) -> None:
    settling = provision(world, Facilities([facility(LIUQUAN, {"prefix": STREET, "until": LAST})]))
    await families(world)
    await world.on(DAY_15)
    await settling.settle()
    await world.on(FIRST)
    await settling.settle()
    assert len(await world.worklist()) == 3
    await world.tell(person("mother-0", area="370103001001"))
    assert len(await world.worklist()) == 2, "who moved where nobody serves is no longer theirs"


async def test_help_of_a_merged_area_goes_where_its_people_count(world: World) -> None:
    ended = Area(code=IN_LIUQUAN, zh="旧", en="Old", valid_until=FIRST, successors=("370102902001",))
    areas = AreaTable((ended, Area(code="370102902001", zh="新", en="New")))
    facilities = Facilities([facility(LIUQUAN, STREET), facility(DONGMING, "370102902")], areas)
    settling = provision(world, facilities, areas)
    await families(world)
    await world.on(DAY_15)
    await settling.settle()
    await world.on(FIRST)
    await settling.settle()
    assert (await world.worklist(), len(await world.worklist(DONGMING))) == ([], 3)


async def test_another_file_is_noticed_at_the_next_start(world: World) -> None:
    await provision(world, taken_over()).settle()
    await families(world)
    await world.on(DAY_15)
    changed = Facilities([facility(LIUQUAN, "370102902"), facility(DONGMING, STREET)])
    await provision(world, changed).settle()
    assert (await world.worklist(), len(await world.worklist(DONGMING))) == ([], 3)


async def test_the_lines_by_which_work_was_settled_are_kept_once(world: World) -> None:
    settling = provision(world, taken_over())
    await asyncio.gather(*(provision(world, taken_over()).settle() for _ in range(6)))
    await settling.settle()
    async with world.alerts.service.pool.acquire() as connection:
        last = await repository.settled(connection)
    assert last is not None
    assert (last[0], frozenset(last[1])) == (BORN, taken_over().lines)


async def test_a_settling_that_fails_begins_again(world: World) -> None:
    settling = provision(world, taken_over())
    await families(world)
    await world.on(DAY_15)
    await settling.settle()
    await world.on(FIRST)
    pool = world.alerts.service.pool
    await pool.execute("ALTER TABLE facility_area RENAME TO facility_area_gone")
    with pytest.raises(asyncpg.UndefinedTableError):
        await settling.settle()
    assert settling.settled_on == DAY_15
    await pool.execute("ALTER TABLE facility_area_gone RENAME TO facility_area")
    await settling.settle()
    assert await world.announced(DONGMING) == ["moved-here"] * 3


async def test_what_nobody_serves_is_shown_to_the_countys_supervisors_alone(world: World) -> None:
    provision(world, taken_over())
    await world.tell(person("mother", area="440305000000"), wish())
    await world.on(DAY_15)
    counts = {}
    for code in (COUNTY, LIUQUAN):
        answer = await world.http.get("/v1/worklist", headers=world.token(code, roles=["supervisor"]))
        counts[code] = answer.json()["without_facility"]
    assert counts == {COUNTY: 1, LIUQUAN: None}
