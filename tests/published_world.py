"""A year of releases of the synthetic county, by the rules that make them and without folding anybody."""

import random
from collections import Counter
from datetime import date

from deploy.tenfold.county import generate
from deploy.tenfold.county.pyramid import age_on
from services.registry.statistics import counting, quality
from services.registry.statistics import repository as sql
from services.registry.statistics.figures import Figure, monthly, population, value_of
from services.registry.statistics.releases import MONTHLY, row_of
from services.registry.statistics.yearly import Year, figures_of
from shared.db import Pool, transaction

PEOPLE = 9_000
HOME = frozenset({"370102"})
MONTHS = [f"2024-{month:02}" for month in (11, 12)] + [f"2025-{month:02}" for month in range(1, 13)]

Places = Counter[tuple[str, str, int]]


def standing() -> Places:
    """People by place, sex and age group."""
    county, today = generate(PEOPLE), date(2025, 12, 31)
    return Counter(
        (county.home(who).area, who.sex, min(age_on(who.birth_date, today) // 5 * 5, 85)) for who in county.people
    )


def month_before(places: Places, rng: random.Random) -> Places:
    """Some came since."""
    return Counter({key: people - (people // 12 if rng.random() < 0.2 else 0) for key, people in places.items()})


async def publish(pool: Pool) -> list[str]:
    """Publish every month and the year 2025; gives the months."""
    rng, series = random.Random("releases"), [standing()]
    while len(series) < len(MONTHS):
        series.append(month_before(series[-1], rng))
    tables: list[list[Figure]] = []
    async with transaction(pool) as connection:
        for month, places in zip(MONTHS, reversed(series), strict=True):
            same_year = tables[-1] if tables and not month.endswith("-01") else []
            tables.append(population(places, HOME, same_year))
            rows = [row_of("population", tables[-1]), row_of("deaths", monthly(rng.randint(6, 30)))]
            await sql.publish(connection, month, [*rows, row_of("quality", the_quality())])
        year = figures_of(the_year(series[-2], series[0], tables[1], tables[-1]))
        await sql.publish(connection, "2025", [row_of(name, each) for name, each in year.items()])
    return MONTHS


def the_quality() -> dict[str, object]:
    """Most births registered in time, few contradictions."""
    counts = {counting.TIMELY: 212, counting.LATE: 21, counting.DELAYED: 4, counting.UNREGISTERED: 3}
    births = quality.births(2024, counts | {counting.UNCERTIFIED: 2})
    by_birth = {12 * year + month: 30 for year in range(1930, 2025) for month in range(12)}
    days = {counting.NEW_YEAR: 90, counting.FIRST_OF_MONTH: 1100, "other": 28_000}
    return quality.document(births, quality.consistency(2025 * 12 + 11, by_birth, days, 12, 31))


def the_year(before: Places, after: Places, table_before: list[Figure], table_after: list[Figure]) -> Year:
    """The balance closes: whoever is left over was registered otherwise."""
    p0, p1 = before.total(), after.total()
    born, died, came, went, struck = 72, 66, 80, 61, 12
    joined = p1 - p0 + died - came + went + struck
    townships = sorted({area[:9] for area, _, _ in after})
    died_in = {area: died * (3 + place) // 18 for place, area in enumerate(townships)}
    women = Counter[int]()
    for (_, sex, age), people in [*before.items(), *after.items()]:
        if sex == "female":
            women[age] += people
    return Year(
        before=p0,
        after=p1,
        county={
            counting.BORN: born,
            counting.DIED: died,
            counting.ARRIVED: came,
            counting.DEPARTED: went,
            counting.JOINED: joined,
            counting.LEFT: struck,
            counting.MARRIED: 90,
            counting.DIVORCED: 36,
        },
        died_in=died_in,
        boys=37,
        girls=35,
        delivered={15: 0, 20: 11, 25: 29, 30: 22, 35: 8, 40: 2, 45: 0},
        women={age: people / 2 for age, people in women.items()},
        before_in={area: value_of(table_before, area) for area in townships},
        after_in={area: value_of(table_after, area) for area in townships},
        months={name: [] for name in MONTHLY},
    )
