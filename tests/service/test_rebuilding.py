"""Derived tables are rebuilt beside the live ones, compared, and what was derived stands where the two differ."""

import asyncio
from uuid import uuid4

import msgspec
import pytest

from services.registry.contradictions import repository as contradictions
from services.registry.contradictions.keeping import Keeping
from services.registry.contradictions.values import FAMILY_KINDS
from services.registry.contradictions.worker import judge_families
from services.registry.rebuilding.handlers import Busy, Compared, Rebuilding
from services.registry.rebuilding.running import rebuilding_of, run
from shared import clock
from shared.reconciliation import repository as tally
from tests.histories import OTHER_TOWN, birth, household, move, person
from tests.registry_world import RegistryWorld, says
from tests.service.test_rebuild import ALIAS, DAMAGES, settled

pytest_plugins = ["tests.registry"]
__all__ = ["settled"]
FOUND_BY = ("person", "residency", "identifier_index", "block")
TABLES = (*FOUND_BY, "contradiction", "half_move", "statistic_counted")
ASIDE = (
    ("DELETE FROM half_move /* removes */", "half_move"),
    ("UPDATE half_move SET since = since + 1", "half_move"),
    ("UPDATE contradiction SET gone_at = now()", "contradiction"),
    ("UPDATE contradiction SET person_id = (SELECT person_id FROM half_move) WHERE gone_at IS NULL", "contradiction"),
    ("DELETE FROM statistic_counted /* removes */", "statistic_counted"),
)


async def rebuilt(rebuilding: Rebuilding, *, switch: bool = False, size: int = 2) -> list[Compared]:
    """A rebuild in this process, by ranges of so many people."""
    since = await rebuilding.begin()
    for behind, until in await rebuilding.ranges(size):
        await rebuilding.derive(behind, until)
    found, people = await rebuilding.compare(since)
    if switch:
        await rebuilding.switch(people, lambda done: None)
    await rebuilding.end()
    return found


async def test_what_was_folded_equals_what_is_rebuilt(settled: RegistryWorld) -> None:
    found = await rebuilt(rebuilding_of(settled.service))
    assert [each.table for each in found] == list(TABLES)
    assert all(each.equal for each in found), found
    assert [each.rows for each in found[:3]] == [3, 2, 4]


@pytest.mark.parametrize("damage", DAMAGES)
async def test_damage_is_found_and_the_switch_puts_it_right(settled: RegistryWorld, damage: str) -> None:
    rebuilding = rebuilding_of(settled.service)
    await settled.service.pool.execute(damage)
    found = await rebuilt(rebuilding, switch=True)
    assert [each.table for each in found if not each.equal] == [damage_of(damage)]
    again = await rebuilt(rebuilding)
    assert all(each.equal for each in again), again
    async with settled.service.pool.acquire() as connection:
        for table in FOUND_BY:  # and the count of rows agrees with what was written
            rows, wanted = await tally.compare(connection, table)
            assert rows == wanted, table


@pytest.mark.parametrize(("damage", "table"), ASIDE)
async def test_contradictions_half_moves_and_counts_are_put_right(
    settled: RegistryWorld, damage: str, table: str
) -> None:
    wrong = person(60, "Bai Lu") | {"birth_date": "1950-05-05"}  # not as her number says
    said = says("household.registered", "h60", {"person": wrong, **household(number_="H60")}, "2020-01-01")
    await settled.apply(said)
    pool, rebuilding = settled.service.pool, rebuilding_of(settled.service)
    before = [each.rows for each in await rebuilt(rebuilding)]
    assert min(before) > 0
    await pool.execute(damage)
    found = await rebuilt(rebuilding, switch=True)
    assert [each.table for each in found if not each.equal] == [table]
    again = await rebuilt(rebuilding)
    assert all(each.equal for each in again), again
    assert [each.live_rows for each in again] == before
    assert await pool.fetchval("SELECT count(*) FROM family_to_judge") > 0


async def test_blocks_that_an_earlier_release_never_wrote_are_counted(settled: RegistryWorld) -> None:
    await settled.service.pool.execute("DELETE FROM block /* removes */")
    await settled.service.pool.execute("DELETE FROM to_compare /* removes */")
    told = len(await settled.told())
    async with settled.service.pool.acquire() as connection:
        assert await tally.compare(connection, "block") == (0, 0)
        await rebuilt(rebuilding_of(settled.service), switch=True)
        rows, wanted = await tally.compare(connection, "block")
    assert rows == wanted > 0
    assert await settled.count("to_compare") == 3  # they are compared now that they can be found
    assert len(await settled.told()) == told  # and nothing of them has changed


def damage_of(statement: str) -> str:
    """The table that a statement damages."""
    return next(table for table in FOUND_BY[1:] if f" {table}" in statement)


async def test_a_tampered_state_is_put_right_while_folding_goes_on(settled: RegistryWorld) -> None:
    states, _ = await settled.people()
    (first, state), (second, right), *_ = states.items()
    sealed = settled.folding.vault.seal_state(second, state)
    await settled.service.pool.execute("UPDATE person SET state = $2 WHERE person_id = $1", second, sealed)
    rebuilding = rebuilding_of(settled.service)
    since = await rebuilding.begin()
    for behind, until in await rebuilding.ranges(2):
        await rebuilding.derive(behind, until)
    # Folded after it was derived: it is not in the tables beside, and may not be lost.
    newcomer = {"person": person(40, "New Comer"), **household(number_="H40")}
    await settled.apply(says("household.registered", "h40", newcomer, "2024-05-01"))
    gone = {"person": person(5, "Wang An") | {"birth_date": "2024-02-01"}, **move("P9", OTHER_TOWN, "440305")}
    _, people = await rebuilding.compare(since)
    assert people.keys() == {second}
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(rebuilding.switch(people, lambda done: None))
        tasks.create_task(settled.apply(says("migration.departed", "d9", gone, "2024-06-01")))
    after, _ = await settled.people()
    assert first != second
    assert after[second] == right or after[second].residence == "departed"
    assert (await settled.named("New Comer")).household_number == "H40"
    assert all(each.equal for each in await rebuilt(rebuilding))


async def test_a_spouse_is_derived_once_more_beside_the_death_that_stands_now(settled: RegistryWorld) -> None:
    her, him, pool = person(60, "Bai Lu"), person(61, "Hao Ran"), settled.service.pool
    await settled.apply(
        says("household.registered", "h60", {"person": her, **household(number_="H60")}, "2020-01-01"),
        says("household.registered", "h61", {"person": him, **household(number_="H60")}, "2020-01-01"),
        says("marriage.registered", "m60", {"spouses": [her, him], "certificate_number": "M60"}, "2021-01-01"),
    )
    married = await pool.fetch("SELECT person_id, state FROM person")
    death = {"person": him, "certificate_number": "D60"}
    await settled.apply(says("death.certified", "d60", death, "2024-05-01", department="health"))
    right, _ = await settled.people()
    # As if his death had never been folded. Of her the facts give what is stored, as long as he is stored as alive.
    await pool.executemany("UPDATE person SET state = $2 WHERE person_id = $1", [tuple(row) for row in married])
    assert (await settled.named("Bai Lu")).civil_status == "married"
    (person_table, *others) = await rebuilt(rebuilding_of(settled.service), switch=True, size=1)
    assert person_table.people == 1, "he alone differs"
    assert all(each.equal for each in others)
    after, _ = await settled.people()
    assert (await settled.named("Bai Lu")).civil_status == "widowed"
    assert after == right


async def test_the_whole_in_processes_of_its_own(settled: RegistryWorld) -> None:
    await settled.service.pool.execute(f"UPDATE residency SET area = '440305' WHERE person_id <> {ALIAS}")
    seen: list[int] = []
    found = await run(settled.service.settings, 2, seen.append, switch=True, page=2)
    assert [each.table for each in found if not each.equal] == ["residency"]
    assert sum(seen) == 4
    assert all(each.equal for each in await run(settled.service.settings, 1, seen.append, switch=False))


async def test_a_second_rebuild_is_refused_while_one_runs(settled: RegistryWorld) -> None:
    rebuilding = rebuilding_of(settled.service)
    seen: list[int] = []
    async with rebuilding.alone():
        await rebuilding.begin()
        with pytest.raises(Busy):
            await run(settled.service.settings, 1, seen.append, switch=True)
        assert await settled.service.pool.fetchval("SELECT count(*) FROM rebuilt.person") == 0  # ours still stands
    assert seen == []
    assert len(await run(settled.service.settings, 1, seen.append, switch=False)) == len(TABLES)


async def test_departments_hear_of_whoever_is_put_right(settled: RegistryWorld) -> None:
    states, _ = await settled.people()
    (person, state), *_ = [each for each in states.items() if each[1].name == "Wang An"]
    sealed = settled.folding.vault.seal_state(person, msgspec.structs.replace(state, name="Somebody Else"))
    pool = settled.service.pool
    await pool.execute("UPDATE person SET state = $2 WHERE person_id = $1", person, sealed)
    await pool.execute("DELETE FROM to_compare /* removes */")
    told = await settled.told()
    await rebuilt(rebuilding_of(settled.service), switch=True)
    (heard,) = (await settled.told())[len(told) :]
    assert (heard["kind"], heard["changed"], heard["state"]["name"]) == ("person", ["name"], "Wang An")
    assert await pool.fetchval("SELECT person_id FROM to_compare") == person


FAMILY_DAMAGES = (
    ("UPDATE contradiction SET gone_at = now() WHERE kind = 'born-after-mothers-death'", 1),
    ("DELETE FROM contradiction /* removes */ WHERE kind = 'married-while-married'", 1),
    (f"UPDATE contradiction SET person_id = {ALIAS} WHERE kind = 'parent-under-ten' AND gone_at IS NULL", 2),
    ("UPDATE contradiction SET kind = 'names-differ' WHERE kind = 'parent-under-ten'", 1),
    ("UPDATE contradiction SET departments = '{exchange}' WHERE kind = 'rival-corrections'", 1),
)


async def judged(registry: RegistryWorld) -> None:
    """Until no family waits."""
    while await judge_families(registry.service.pool, registry.folding.vault):
        pass


@pytest.fixture
async def quarrelling(settled: RegistryWorld) -> RegistryWorld:
    """Besides: the mother died before the birth, her husband married a second wife meanwhile, a mother of six years,
    and two corrections of one entry."""
    her, him, second = person(2), person(1), person(3)
    wed = {"certificate_number": "M1", "spouses": [him, her]}
    girl = {"person": person(71, "Wang Qi"), **household(number_="H71")}
    await settled.apply(
        says("death.certified", "d1", {"person": her, "certificate_number": "D1"}, "2020-01-01", department="health"),
        says("marriage.registered", "m1", wed, "2010-01-01"),
        says("marriage.registered", "m2", wed | {"spouses": [him, second]}, "2012-01-01"),
        says("birth.certified", "b72", birth(person(74), cert="C72", born="1996-05-05"), "1996-05-05"),
        says("household.registered", "h71", girl, "2020-01-01"),
        says("household.registered", "h72", girl, "2020-02-01", action="corrected", of="h71"),
        says("household.registered", "h73", girl, "2020-03-01", action="corrected", of="h71"),
    )
    await judged(settled)
    return settled


async def test_what_stands_between_relatives_is_rebuilt(quarrelling: RegistryWorld) -> None:
    kinds = await quarrelling.service.pool.fetch("SELECT DISTINCT kind FROM contradiction WHERE gone_at IS NULL")
    assert {row["kind"] for row in kinds} >= set(FAMILY_KINDS)
    found = await rebuilt(rebuilding_of(quarrelling.service))
    assert all(each.equal for each in found), found


@pytest.mark.parametrize(("damage", "people"), FAMILY_DAMAGES)
async def test_damage_between_relatives_is_found_and_judged_anew(
    quarrelling: RegistryWorld, damage: str, people: int
) -> None:
    rebuilding = rebuilding_of(quarrelling.service)
    await quarrelling.service.pool.execute(damage)
    found = await rebuilt(rebuilding, switch=True)
    assert [(each.table, each.people) for each in found if not each.equal] == [("contradiction", people)]
    await judged(quarrelling)
    again = await rebuilt(rebuilding)
    assert all(each.equal for each in again), again


async def test_what_stands_twice_is_found_and_stands_once_again(quarrelling: RegistryWorld) -> None:
    pool, keeping = quarrelling.service.pool, Keeping(quarrelling.service.ring)
    row, once = await pool.fetchrow("SELECT * FROM contradiction WHERE kind = 'parent-under-ten'"), uuid4()
    assert row is not None
    sealed = keeping.sealed(once, keeping.opened(row["contradiction_id"], row["body"]))
    more = (once, row["person_id"], row["kind"], ",".join(row["departments"]), sealed)
    async with pool.acquire() as connection:
        await contradictions.put(connection, [more], clock.now())
    (found,) = [each for each in await rebuilt(rebuilding_of(quarrelling.service), switch=True) if not each.equal]
    assert (found.table, found.people, found.live_rows - found.rows) == ("contradiction", 1, 1)
    await judged(quarrelling)
    assert all(each.equal for each in await rebuilt(rebuilding_of(quarrelling.service)))


async def test_families_that_wait_to_be_judged_are_no_difference(quarrelling: RegistryWorld) -> None:
    await quarrelling.apply(
        says("death.certified", "d3", {"person": person(1), "certificate_number": "D3"}, "2011-01-01"),
        says("birth.certified", "b73", birth(person(74), cert="C73", born="1997-05-05"), "1997-05-05"),
    )
    assert await quarrelling.count("family_to_judge") > 0
    assert all(each.equal for each in await rebuilt(rebuilding_of(quarrelling.service)))
    await judged(quarrelling)
    found = await rebuilt(rebuilding_of(quarrelling.service))
    assert all(each.equal for each in found), found


async def test_two_parents_who_are_too_young_stand_beside_each_other(settled: RegistryWorld) -> None:
    certified = birth(person(74), person(75), cert="C74", born="1996-05-05")  # both were born on one day
    await settled.apply(says("birth.certified", "b74", certified, "1996-05-05"))
    await judged(settled)
    pool, standing = settled.service.pool, "SELECT count(*) FROM contradiction WHERE gone_at IS NULL AND kind = $1"
    assert await pool.fetchval(standing, "parent-under-ten") == 2
    for damage in (None, "UPDATE contradiction SET gone_at = now() WHERE kind = 'parent-under-ten'"):
        if damage:
            await pool.execute(damage)
        await pool.execute("INSERT INTO family_to_judge (person_id) SELECT person_id FROM contradiction")
        await judged(settled)
        assert await pool.fetchval(standing, "parent-under-ten") == 2
        assert all(each.equal for each in await rebuilt(rebuilding_of(settled.service)))
