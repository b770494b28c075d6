"""Counts kept by differences equal a recount from the facts, whatever happens and in whatever order it is told; and
the balance closes without a residue, in the county and in every place of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.registry.facts.fold import fact_order
from services.registry.facts.handlers import Folding
from services.registry.facts.lineage import ANNULLED
from services.registry.facts.rebuild import Rebuild
from services.registry.facts.values import Fact
from services.registry.statistics import repository as sql
from services.registry.statistics.counting import (
    ARRIVED,
    BORN,
    DEPARTED,
    DIED,
    JOINED,
    LEFT,
    SIGN,
    UNPLACED,
    Cell,
    Cells,
)
from services.registry.statistics.deltas import Counting
from services.registry.statistics.places import place
from services.registry.statistics.recount import Recount, kept
from shared.db import Connection, transaction
from tests import recounting as recounted
from tests.histories import OTHER_TOWN, TOWN, birth, certificate, household, move, person
from tests.property.test_registry_order import BOUNDED, TABLES, histories
from tests.recounting import Somebody
from tests.registry_world import CloudEvent, RegistryWorld, says

pytest_plugins = ["tests.registry"]

HOME = frozenset({TOWN[:6]})  # moves to the other town leave the county
OWN_TABLES = f"{TABLES}, statistic_counted, statistic_delta, statistic_total"


def counting_world(registry: RegistryWorld) -> tuple[RegistryWorld, Recount]:
    """The registry with nothing but counting derived, for the county of these histories."""
    folding: Folding = registry.folding
    counting = Counting(folding.vault.ring, HOME)
    recount = Recount(counting, Rebuild(folding.vault, folding.authorities), page=3)
    return RegistryWorld(registry.service, replace(folding, derive=[counting])), recount


async def assert_counts(world: RegistryWorld, recount: Recount) -> Cells:
    async with world.service.pool.acquire() as connection:
        counts = await kept(connection)
        assert counts == +(await recount.counts(connection))
        people = await everybody(connection, recount.rebuild)
    assert_recounted(counts, people)
    return counts


async def everybody(connection: Connection, rebuild: Rebuild) -> list[Somebody]:
    """Everyone with their facts that live, in order."""
    rows = await connection.fetch("SELECT person_id FROM person WHERE merged_into IS NULL")
    known = await rebuild.known(connection, [row["person_id"] for row in rows])
    states = await rebuild.states(connection, known)

    def living(facts: Iterable[Fact]) -> list[Fact]:
        return [fact for fact in facts if fact.event not in known.dead and fact.action != ANNULLED]

    return [Somebody(state, sorted(living(known.said[who]), key=fact_order)) for who, state in states.items()]


def assert_recounted(counts: Mapping[Cell, int], people: Sequence[Somebody]) -> None:
    """The counts say what each person's residencies and reports say of every month, day by day."""
    moving = [cell.month for cell in counts if cell.kind in SIGN]
    months = range(min(moving) - 1, max(moving) + 2) if moving else range(24_000, 24_001)
    standing: Counter[tuple[int, str, str, int]] = Counter()
    for cell, number in counts.items():
        if cell.kind in SIGN:
            here = "" if cell.area == UNPLACED else cell.area
            for each in months:
                standing[each, here, cell.sex, cell.born] += SIGN[cell.kind] * number * (cell.month <= each)
    assert +standing == recounted.population(people, months, lambda area: place(area, HOME))
    for kind, wanted in recounted.happened(people).items():
        said: Counter[int] = Counter()
        for cell, number in counts.items():
            said[cell.month] += number * (cell.kind == kind)
        assert +said == wanted, kind
    died: Counter[int] = Counter()
    for cell, number in counts.items():
        died[cell.month] += number * (cell.kind == DIED)
    assert +died == recounted.deaths(people, lambda area: place(area, HOME))


def population(counts: Mapping[Cell, int], area: str, month: int) -> int:
    """People of a place at the end of a month."""
    return sum(
        SIGN[cell.kind] * people
        for cell, people in counts.items()
        if cell.kind in SIGN and cell.month <= month and cell.area.startswith(area)
    )


def flow(counts: Mapping[Cell, int], kind: str, area: str, month: int) -> int:
    """Events of a month in a place; a move within it is none."""
    return sum(
        people
        for cell, people in counts.items()
        if (cell.kind, cell.month) == (kind, month) and cell.area.startswith(area) and cell.within < max(len(area), 1)
    )


def assert_balanced(counts: Mapping[Cell, int]) -> None:
    """P1 = P0 + B − D + I − O + registrations − cancellations, every month; nobody ever counts less than nothing."""
    areas = {cell.area[:length] for cell in counts for length in (0, 6, 9, 12)}
    for month in sorted({cell.month for cell in counts if cell.kind in SIGN}):
        for area in areas:
            before, after = population(counts, area, month - 1), population(counts, area, month)
            inward = flow(counts, JOINED, area, month) + flow(counts, ARRIVED, area, month)
            outward = sum(flow(counts, kind, area, month) for kind in (DIED, LEFT, DEPARTED))
            assert after == before + inward - outward
            assert after >= 0
        births = flow(counts, BORN, "", month)
        assert 0 <= births <= flow(counts, JOINED, "", month)
    assert all(people > 0 for people in counts.values())


@given(histories(), st.data())
@BOUNDED
async def test_counts_equal_a_recount_at_any_time_and_in_any_order(
    registry: RegistryWorld, events: Sequence[CloudEvent], data: st.DataObject
) -> None:
    world, recount = counting_world(registry)
    found: list[Cells] = []
    for order in (list(events), data.draw(st.permutations(list(events)))):
        await world.service.pool.execute(f"TRUNCATE {OWN_TABLES} CASCADE; UPDATE feed_head SET position = 0")
        for start in range(0, len(order), 3):
            await world.apply(*order[start : start + 3])
            await assert_counts(world, recount)
            if data.draw(st.booleans()):
                async with transaction(world.service.pool) as connection:
                    await sql.add_up(connection, data.draw(st.integers(1, 20)))
                await assert_counts(world, recount)
        found.append(await assert_counts(world, recount))
        assert_balanced(found[-1])
    assert found[0] == found[1]


@given(histories())
@BOUNDED
async def test_a_registry_folded_without_statistics_is_counted_afterwards(
    registry: RegistryWorld, events: Sequence[CloudEvent]
) -> None:
    world, recount = counting_world(registry)
    await world.service.pool.execute(f"TRUNCATE {OWN_TABLES} CASCADE; UPDATE feed_head SET position = 0")
    without = RegistryWorld(world.service, replace(world.folding, derive=[]))
    await without.apply(*events[::2])
    await world.apply(*events[1::2])
    await without.apply(*events)
    await recount.count_again(world.service.pool)
    counts = await assert_counts(world, recount)
    assert await recount.count_again(world.service.pool) == 0
    assert counts == await assert_counts(world, recount)


async def test_a_life_with_all_that_is_counted_is_recounted_alike(registry: RegistryWorld) -> None:
    world, recount = counting_world(registry)
    mother, father = person(2, "Wang Fang"), person(1, "Li Wei")
    death = {"person": father, "certificate_number": "E1"}
    baby = {"identifiers": [certificate("C1")], "name": "Li An", "sex": "female", "birth_date": "2022-03-09"}
    couple = {"spouses": [mother, father], "certificate_number": "M1"}
    waits = {"identifiers": [certificate("C2")], "name": "Li Bo", "sex": "male", "birth_date": "2023-05-04"}
    await world.apply(
        says("household.registered", "h1", {"person": mother, **household(TOWN)}, "2020-01-10"),
        says("household.registered", "h2", {"person": father, **household(TOWN)}, "2020-02-10"),
        says("marriage.registered", "m1", couple, "2020-03-03"),
        says("birth.certified", "b1", birth(mother, cert="C1", **described(baby)), "2022-03-09"),
        says("household.registered", "h3", {"person": baby, **household(TOWN)}, "2022-06-01"),
        says("birth.certified", "b2", birth(mother, cert="C2", **described(waits)), "2023-05-04"),
        says("household.registered", "h4", {"person": waits, **household(TOWN)}, "2024-11-11"),
        says("migration.departed", "o1", {"person": father, **move("P1", TOWN, OTHER_TOWN)}, "2021-04-01"),
        says("household.registered", "h5", {"person": father, **household(TOWN)}, "2022-09-01"),
        says("marriage.dissolved", "m2", couple | {"certificate_number": "D1"}, "2023-02-02"),
        says("death.certified", "d1", death, "2024-07-01", department="health"),
    )
    counts = await assert_counts(world, recount)
    assert_balanced(counts)
    at = [date(2020, 2, 1), date(2021, 5, 1), date(2022, 4, 1), date(2022, 10, 1), date(2024, 6, 1), date(2024, 12, 1)]
    found = [population(counts, "", day.year * 12 + day.month - 1) for day in at]
    assert found == [2, 1, 2, 3, 3, 3], "two; he left; a child; he is back; the second waited a year; he died"


def described(child: Mapping[str, Any]) -> dict[str, Any]:
    """A child as its birth certificate describes it."""
    return {"name": child["name"], "sex": child["sex"], "born": child["birth_date"]}
