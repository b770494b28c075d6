"""Reading what is published. Nothing is counted here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import msgspec

from services.registry.statistics import repository as sql
from services.registry.statistics.figures import REST, Figure
from services.registry.statistics.indicators import INDICATORS, QUALITY, Dimension, Indicator, Words
from services.registry.statistics.places import COUNTY, LEVELS
from services.registry.statistics.problems import COUNTY_ONLY
from services.registry.statistics.releases import figures_in
from services.registry.statistics.schemas import AreaTree, Indicators, Published, Quality, Release, TreeNode, Value
from services.registry.statistics.suppression import ALL_AGES, BOTH
from shared.db import Pool
from shared.errors import Fault, Forbidden, Invalid, NotFound, Text
from shared.identifiers.areas import AreaCode, AreaTable
from shared.identifiers.errors import InvalidIdentifier

POPULATION = "population"

NO_TABLE = Text("this indicator has no table for such a period", "该指标没有此类时期的数据")
NO_DIMENSION = Text("this indicator has no such dimension for that period", "该指标在该时期没有此维度")
NOT_AN_AREA = Text("must be an area code of 6 or 12 digits", "必须是6位或12位行政区划代码")
TWO_DETAILS = Text("below the township there are totals only", "乡镇以下仅有总数")


@dataclass(frozen=True)
class Asked:
    """What part of a table is read: of one area, or with `by` of the areas right below it."""

    area: str | None = None
    period: str | None = None
    by: tuple[Dimension, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Reads releases. `home`: the counties of the register."""

    pool: Pool
    home: frozenset[str]

    async def indicators(self) -> Indicators:
        """Every indicator, and the periods published."""
        async with self.pool.acquire() as connection:
            periods = await sql.periods(connection)
        return Indicators(
            indicators=list(INDICATORS.values()),
            releases=[Release(period=period, made_at=made_at) for period, made_at in periods],
        )

    async def published(self, name: str, asked: Asked) -> tuple[Published, bytes]:
        """An indicator of a period, the newest unless one is named, and the release's digest.

        Raises NotFound for an indicator or a period that is not published; Forbidden `county-and-year-only`, before any
        look-up, where something is asked by area or month that is told for the whole county only; Invalid.
        """
        indicator = INDICATORS.get(name)
        if indicator is None:
            raise NotFound
        area = self.judged(indicator, asked)
        async with self.pool.acquire() as connection:
            period = asked.period or await self.newest(connection, indicator)
            row = None if period is None else await sql.release(connection, period, name)
        if period is None or row is None:
            raise NotFound
        figures = part(figures_in(row["figures"]), area, asked.by, self.home)
        answer = Published(
            **indicator.model_dump(include={"title", "definition", "unit", "source"}),
            indicator=name,
            period=period,
            made_at=row["made_at"],
            area=spelled(area),
            by=list(asked.by),
            values=[
                Value(
                    area=spelled(each.area) if "area" in asked.by else None,
                    sex=each.sex if "sex" in asked.by else None,
                    age=each.age if "age" in asked.by else None,
                    value=each.value,
                )
                for each in figures
            ],
        )
        return answer, row["digest"]

    async def tree(self, code: str, period: str | None, table: AreaTable) -> AreaTree:
        """The population of an area and of everything below it, the newest published unless a period is named; the
        areas called as `table` has them. Raises NotFound and Invalid as `published` does."""
        area = self.judged(INDICATORS[POPULATION], Asked(code, period, ("area",) if period is None else ()))
        async with self.pool.acquire() as connection:
            wanted = period or await self.newest(connection, INDICATORS[POPULATION])
            row = None if wanted is None else await sql.release(connection, wanted, POPULATION)
        if wanted is None or row is None:
            raise NotFound
        totals = [each for each in figures_in(row["figures"]) if (each.sex, each.age) == (BOTH, ALL_AGES)]
        top = [each for each in totals if each.area == area]
        if not top:
            raise NotFound
        tree = node(top[0], children_of(totals, self.home), self.home, table)
        return AreaTree(period=wanted, made_at=row["made_at"], tree=tree)

    def judged(self, indicator: Indicator, asked: Asked) -> str:
        """The area asked for, as releases write it; "" for the whole county."""
        area = self.area(asked.area)
        by_area = area != COUNTY or "area" in asked.by
        told_by_area = "area" in (*(indicator.monthly or ()), *(indicator.yearly or ()))
        if by_area and not told_by_area:
            raise Forbidden(COUNTY_ONLY)
        if asked.period is not None:
            dimensions = indicator.dimensions(asked.period)
            if dimensions is None and indicator.monthly is None:
                raise Forbidden(COUNTY_ONLY)
            if dimensions is None:
                raise Invalid(faults=[Fault("query/period", NO_TABLE)])
        else:
            dimensions = indicator.monthly if indicator.monthly is not None else indicator.yearly
        if not {*asked.by, *(("area",) if by_area else ())} <= set(dimensions or ()):
            raise Invalid(faults=[Fault("query/by", NO_DIMENSION)])
        below_township = len(area) == LEVELS[-1] or (len(area) == LEVELS[1] and "area" in asked.by)
        if below_township and set(asked.by) - {"area"}:
            raise Invalid(faults=[Fault("query/by", TWO_DETAILS)])
        return area

    def area(self, asked: str | None) -> str:
        """An area code as releases write areas."""
        if asked is None:
            return COUNTY
        try:
            prefix = AreaCode.parse(asked).prefix
        except InvalidIdentifier:
            raise Invalid(faults=[Fault("query/area", NOT_AN_AREA)]) from None
        return COUNTY if {prefix} == self.home else prefix

    async def newest(self, connection: asyncpg.pool.PoolConnectionProxy, indicator: Indicator) -> str | None:
        """The last period of the kind that the indicator is published for: months where there are any."""
        months = indicator.monthly is not None
        periods = [period for period, _ in await sql.periods(connection) if ("-" in period) == months]
        return max(periods, default=None)

    async def quality(self, period: str | None) -> tuple[Quality, bytes]:
        """What a month's release says of quality; the newest unless one is named. Raises NotFound."""
        async with self.pool.acquire() as connection:
            months = [each for each, _ in await sql.periods(connection) if "-" in each]
            wanted = period or max(months, default=None)
            row = None if wanted is None else await sql.release(connection, wanted, QUALITY)
        if wanted is None or row is None:
            raise NotFound
        return Quality(period=wanted, made_at=row["made_at"], **msgspec.json.decode(row["figures"])), row["digest"]


def part(figures: Sequence[Figure], area: str, by: Sequence[str], home: frozenset[str]) -> list[Figure]:
    """The figures asked for, in the order of area codes, sexes and ages: never of their values. Raises NotFound for an
    area of which nothing is published."""
    inside = [each for each in figures if (below(each.area, area, home) if "area" in by else each.area == area)]
    if not inside:
        raise NotFound
    return [each for each in inside if (each.sex != BOTH) == ("sex" in by) and (each.age != ALL_AGES) == ("age" in by)]


def children_of(totals: Iterable[Figure], home: frozenset[str]) -> dict[str, list[Figure]]:
    """The figures right below each area, in the order given. One look at each: what holds an area begins its code."""
    found: dict[str, list[Figure]] = defaultdict(list)
    for each in totals:
        code = each.area.removesuffix(REST)
        for outer in {code[:length] for length in (0, *LEVELS)}:
            if below(each.area, outer, home):
                found[outer].append(each)
    return found


def node(figure: Figure, children: Mapping[str, Sequence[Figure]], home: frozenset[str], table: AreaTable) -> TreeNode:
    """A figure with those right below it, in the order of area codes, never of figures."""
    code = spelled(figure.area)
    known = table.get((code or (next(iter(home)) if len(home) == 1 else "")).removesuffix(REST))
    return TreeNode(
        area=code,
        name=Words(zh=known.zh, en=known.en) if known else None,
        people=None if figure.value is None else round(figure.value),
        children=[node(each, children, home, table) for each in children.get(figure.area, ())],
    )


def below(area: str, outer: str, home: frozenset[str]) -> bool:
    """Whether an area lies right below another in the tree: county, township, village."""
    code, rest = area.removesuffix(REST), area.endswith(REST)
    if area == outer or not code.startswith(outer) or code == COUNTY:
        return False
    levels = [0, *(LEVELS[1:] if len(home) == 1 else LEVELS)]
    depth = len(outer) if len(outer) in levels else 0
    deeper = [level for level in levels if level > depth]
    if rest:  # the rest of a county stands among its townships, the rest of a township among its villages
        return code == outer or (len(home) == 1 and outer == COUNTY and len(code) == LEVELS[0])
    return bool(deeper) and len(code) == deeper[0]


def spelled(area: str) -> str | None:
    """An area as contracts write it: 6 or 12 digits; None: the whole county."""
    code, rest = area.removesuffix(REST), REST if area.endswith(REST) else ""
    return f"{code if len(code) == LEVELS[0] else code.ljust(LEVELS[-1], '0')}{rest}" if code else None
