"""A month's release: made once, from the counts as they stand, and never changed. December's has the year's figures,
too. What is corrected later stands in later releases."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec

from services.registry.statistics import counting, quality
from services.registry.statistics import repository as sql
from services.registry.statistics.counting import SIGN, UNPLACED, month_of
from services.registry.statistics.figures import Figure, lowest_area, monthly, population, value_of
from services.registry.statistics.indicators import QUALITY
from services.registry.statistics.yearly import Year, figures_of
from shared import clock
from shared.db import Connection, Pool, transaction
from shared.errors import Conflict, Fault, Invalid, Text

MONTHLY = ("deaths", "marriages", "divorces")  # told by month in tens, and exactly by year
STEP, LAST = 5, 17  # five-year groups; the eighteenth, from 85 on, is open

PUBLISHED = Text("this month is published; a release is made once", "该月已发布；每次发布只进行一次")
NOT_OVER = Text("must be a month that is over", "必须是已结束的月份")


def period_of(month: int) -> str:
    """A month as releases name it, `2026-05`."""
    return f"{month // 12}-{month % 12 + 1:02}"


@dataclass(frozen=True)
class Releases:
    """Makes releases. `home`: the counties of the register."""

    pool: Pool
    home: AbstractSet[str]

    async def publish(self, period: str) -> list[str]:
        """Publish a month, `2026-05`; gives the periods published. Raises Conflict where it is published already,
        Invalid for one that is not over."""
        year, month = map(int, period.split("-"))
        wanted = year * 12 + month - 1
        if wanted >= month_of(clock.today()):
            raise Invalid(faults=[Fault("/period", NOT_OVER)])
        published = await self.once(wanted)
        if not published:
            raise Conflict(detail=PUBLISHED)
        return published

    async def publish_due(self) -> list[str]:
        """Publish the month before this one, where the register knew anything in it and it is not published."""
        today = clock.today()
        month = month_of(today) - 1
        async with self.pool.acquire() as connection:
            began = await sql.began(connection)
        if began is None or began.astimezone(clock.SHANGHAI).date() >= today.replace(day=1):
            return []
        return await self.once(month)

    async def once(self, month: int) -> list[str]:
        """Publish a month as of one moment; nothing where it is published, or somebody publishes it meanwhile."""
        try:
            async with transaction(self.pool, one_moment=True) as connection:
                if await sql.released(connection, period_of(month)):
                    return []
                return await self.make(connection, month)
        except (asyncpg.UniqueViolationError, asyncpg.SerializationError):
            return []

    async def make(self, connection: Connection, month: int) -> list[str]:
        """Compute and store the release of a month; of the year, too, where the month is December."""
        period = period_of(month)
        table = await self.table(connection, month)
        flows = county_flows(await sql.flows(connection, month, month))
        # No moves: with people and deaths they would tell the births of the month.
        found: dict[str, list[Figure]] = {
            "population": table,
            "deaths": monthly(flows[counting.DIED]),
            "marriages": monthly(flows[counting.MARRIED] // 2),
            "divorces": monthly(flows[counting.DIVORCED] // 2),
        }
        rows = [row_of(name, figures) for name, figures in found.items()]
        rows.append(row_of(QUALITY, await self.quality(connection, month)))
        await sql.publish(connection, period, rows)
        if month % 12 != 11:
            return [period]
        year = await self.year(connection, month, table)
        await sql.publish(connection, period[:4], [row_of(name, each) for name, each in figures_of(year).items()])
        return [period, period[:4]]

    async def table(self, connection: Connection, month: int) -> list[Figure]:
        """People by area, sex and age at the month's end."""
        places: Counter[tuple[str, str, int]] = Counter()
        for row in await sql.standing(connection, month, list(SIGN), STEP, LAST):
            if row["area"] != UNPLACED and row["sex"] != "unknown":
                places[row["area"], row["sex"], row["age"]] += row["people"]
        earlier = await sql.earlier_in_the_year(connection, "population", period_of(month))
        return population(places, self.home, [] if earlier is None else figures_in(earlier))

    async def year(self, connection: Connection, december: int, table: Sequence[Figure]) -> Year:
        """The counts of a year."""
        first = december - 11
        rows = await sql.flows(connection, first, december)
        before = await sql.standing(connection, first - 1, list(SIGN), STEP, LAST)
        after = await sql.standing(connection, december, list(SIGN), STEP, LAST)
        women: Counter[int] = Counter()
        for row in [*before, *after]:
            if row["sex"] == "female":
                women[row["age"]] += row["people"]
        died_in: Counter[str] = Counter()
        by_sex: Counter[str] = Counter()
        delivered: Counter[int] = Counter()
        for row in rows:
            if row["kind"] == counting.DIED and row["area"] != UNPLACED:
                died_in[lowest_area(row["area"])] += row["people"]
            by_sex[row["sex"]] += row["people"] if row["kind"] == counting.BORN else 0
            delivered[row["born"]] += row["people"] if row["kind"] == counting.DELIVERED else 0
        last_year = await sql.release(connection, period_of(first - 1), "population")
        earlier = [] if last_year is None else figures_in(last_year["figures"])
        months: dict[str, list[float | None]] = {name: [] for name in MONTHLY}
        for row in await sql.months_of_the_year(connection, MONTHLY, period_of(december)[:4]):
            months[row["indicator"]].append(value_of(figures_in(row["figures"])))
        townships = sorted({each.area for each in table if len(each.area.partition("-")[0]) == 9} | died_in.keys())
        return Year(
            before=sum(row["people"] for row in before),
            after=sum(row["people"] for row in after),
            county=county_flows(rows),
            died_in=died_in,
            boys=by_sex["male"],
            girls=by_sex["female"],
            delivered=delivered,
            women={age: people / 2 for age, people in women.items()},
            before_in={area: value_of(earlier, area) for area in townships},
            after_in={area: value_of(table, area) for area in townships},
            months=months,
        )

    async def quality(self, connection: Connection, month: int) -> dict[str, Any]:
        """Completeness and timeliness of the births of the last year of which even late registration is over, and how
        consistent the register is at the month's end."""
        year = (month + 1) // 12 - 2
        born = await sql.flows(connection, year * 12, year * 12 + 11)
        days = await sql.flows(connection, 0, 0)
        by_birth = await sql.by_birth(connection, month, list(SIGN))
        return quality.document(
            quality.births(year, county_flows(born)),
            quality.consistency(month, by_birth, county_flows(days), *await sql.open_work(connection)),
        )


def county_flows(rows: Sequence[asyncpg.Record]) -> Counter[str]:
    """What happened in the whole county by kind; a move within it is none."""
    found: Counter[str] = Counter()
    for row in rows:
        found[row["kind"]] += row["people"] if row["within"] == 0 else 0
    return found


def row_of(indicator: str, figures: object) -> tuple[str, bytes, str]:
    """An indicator as it is stored: the digest is of the text."""
    text = msgspec.json.encode(figures)
    return indicator, hashlib.sha256(text).digest(), text.decode()


def figures_in(stored: str) -> list[Figure]:
    """Figures as they were stored."""
    return msgspec.json.decode(stored, type=list[Figure])
