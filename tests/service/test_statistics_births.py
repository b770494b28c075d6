"""Births of a township or a month cannot be computed from releases: registers that differ in them publish the same."""

from collections.abc import Iterator, Mapping

import pytest

from services.registry.statistics import counting
from services.registry.statistics.indicators import INDICATORS
from services.registry.statistics.releases import Releases
from shared.db import Connection
from tests.registry_world import RegistryWorld

pytest_plugins = ["tests.registry"]

HERE, THERE = "370102901001", "370102902001"
BEFORE, MARCH, APRIL, DECEMBER = 2023 * 12 + 11, 2024 * 12 + 2, 2024 * 12 + 3, 2024 * 12 + 11

Row = tuple[str, int, str, str, int, int, int]


def flow(kind: str, month: int, area: str, born: int, people: int) -> Iterator[Row]:
    for sex in ("female", "male"):
        yield kind, month, area, sex, born, 0, people


def settled() -> Iterator[Row]:
    """Two townships of 400 with infants among them; 30 people of each die in May."""
    for area in (HERE, THERE):
        for born in (2022 * 12, 1990 * 12, 1960 * 12):
            yield from flow(counting.JOINED, BEFORE, area, born, 200)
        yield from flow(counting.DIED, MARCH + 2, area, 1960 * 12, 15)


def infants(born: Mapping[tuple[str, int], int], most: int = 40) -> Iterator[Row]:
    """So many boys and girls are born in a place and month; as many others of their age as it takes move in, and the
    rest of them out, so that people and the moves of the county's year are the same whoever was born where."""
    for (area, month), people in born.items():
        yield from flow(counting.JOINED, month, area, MARCH, people)
        yield from flow(counting.ARRIVED, month, area, MARCH, most - people)
        yield from flow(counting.DEPARTED, month, area, 1990 * 12, 20)
        for sex in ("female", "male"):
            yield counting.BORN, month, "", sex, 0, 0, people


async def releases_of(register: RegistryWorld, rows: list[Row]) -> dict[tuple[str, str], str]:
    """Every figure that a register of these counts publishes from December 2023 to December 2024; it keeps none."""
    made = Releases(register.service.pool, frozenset({"370102"}))
    async with register.service.pool.acquire() as connection:
        around = connection.transaction()
        await around.start()
        await told(connection, rows)
        for month in range(BEFORE, DECEMBER + 1):
            await made.make(connection, month)
        found = await connection.fetch("SELECT period, indicator, figures FROM statistic_release")
        await around.rollback()
    return {(each["period"], each["indicator"]): each["figures"] for each in found}


async def told(connection: Connection, rows: list[Row]) -> None:
    await connection.executemany(
        """INSERT INTO statistic_delta (kind, month, area, sex, born, within, people)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        rows,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({(HERE, MARCH): 30, (THERE, MARCH): 12}, {(HERE, MARCH): 12, (THERE, MARCH): 30}, id="township"),
        pytest.param({(HERE, MARCH): 30, (HERE, APRIL): 12}, {(HERE, MARCH): 12, (HERE, APRIL): 30}, id="month"),
    ],
)
async def test_registers_that_differ_in_where_or_when_births_were_publish_the_same(
    registry: RegistryWorld, one: dict[tuple[str, int], int], other: dict[tuple[str, int], int]
) -> None:
    first = await releases_of(registry, [*settled(), *infants(one)])
    second = await releases_of(registry, [*settled(), *infants(other)])
    assert first == second
    assert HERE[:9] in first["2024-12", "population"]
    assert HERE[:9] in first["2024", "deaths"]
    more = await releases_of(registry, [*settled(), *infants(one | {(THERE, APRIL): 11})])
    assert more["2024", "births"] != first["2024", "births"]  # what may be told is told


def test_of_the_balance_of_a_township_or_a_month_only_deaths_are_told() -> None:
    flows = {"births", "deaths", "moved-in", "moved-out", "registered-otherwise", "struck-off-otherwise"}
    by_area = {name for name, each in INDICATORS.items() if "area" in (*(each.monthly or ()), *(each.yearly or ()))}
    by_month = {name for name, each in INDICATORS.items() if each.monthly is not None}
    assert flows <= INDICATORS.keys()
    assert by_area == {"population", "deaths", "death-rate"}
    assert by_month == {"population", "deaths", "marriages", "divorces"}
