"""What the population page shows, read from releases alone: nothing is counted for whoever asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.registry.statistics.handlers import Asked, Reading
from services.registry.statistics.indicators import INDICATORS, Dimension
from services.registry.statistics.schemas import Published, Quality
from shared.errors import NotFound
from shared.identifiers.areas import AreaCode
from shared.web.charts import Pyramid, Trend, pyramid, trend

MONTHS = 13
SIGNED = (
    ("population-before", ""),
    ("births", "+"),
    ("deaths", "−"),
    ("moved-in", "+"),
    ("moved-out", "−"),
    ("registered-otherwise", "+"),
    ("struck-off-otherwise", "−"),
    ("population-after", "="),
)
RATES = (
    "natural-increase",
    "birth-rate",
    "death-rate",
    "natural-increase-rate",
    "moved-in-rate",
    "moved-out-rate",
    "marriages",
    "divorces",
    "sex-ratio-at-birth",
    "general-fertility",
    "total-fertility",
)
OF_MONTHS = OF_TOWNSHIPS = ("deaths",)
"""What is told by month and by area: never births, nor anything they could be computed from (protection rule 10)."""
PIECES = 9
"""Digits of a township: below it there are totals alone."""


@dataclass(frozen=True)
class Group:
    """An age group with its two figures."""

    label: str
    female: float | None
    male: float | None


@dataclass(frozen=True)
class Month:
    """A month's figures; those of `happened` are told for the whole county only."""

    period: str
    people: float | None
    happened: Mapping[str, float | None]


@dataclass(frozen=True)
class Place:
    """An area of the table, in the order of codes. `leads`: there is something below it, or of its ages."""

    code: str
    people: float | None
    happened: Mapping[str, float | None]
    leads: bool


@dataclass(frozen=True)
class Overview:
    """The page of one area and month. A chart is none where all is withheld. `year`: of which the yearly figures are,
    if any is published."""

    period: str
    made_at: datetime
    earlier: str | None
    later: str | None
    area: str | None
    trail: Sequence[str]
    people: float | None
    groups: Sequence[Group]
    pyramid: Pyramid | None
    months: Sequence[Month]
    trend: Trend | None
    places: Sequence[Place]
    year: str | None
    yearly: Mapping[str, Published]
    quality: Quality | None

    @property
    def oldest_first(self) -> Sequence[Group]:
        """As a table of ages is read beside the pyramid."""
        return self.groups[::-1]


async def overview(reading: Reading, area: str | None, period: str | None) -> Overview | None:
    """The page; None while no month is published. Raises NotFound for an unpublished area or month, Invalid."""
    released = [each.period for each in (await reading.indicators()).releases]
    months = sorted(each for each in released if "-" in each)
    if not months:
        return None
    month = period or months[-1]
    if month not in months:
        raise NotFound
    place = months.index(month)
    table, _ = await reading.published("population", Asked(area, month))
    years = sorted(each for each in released if "-" not in each and each <= month[:4])
    year = years[-1] if years else None
    groups = await ages(reading, table.area, month)
    series = [await month_of(reading, table.area, each) for each in months[max(0, place + 1 - MONTHS) : place + 1]]
    quality, _ = await reading.quality(month)
    return Overview(
        period=month,
        made_at=table.made_at,
        earlier=months[place - 1] if place else None,
        later=months[place + 1] if place + 1 < len(months) else None,
        area=table.area,
        trail=trail(reading, table.area),
        people=table.values[0].value if table.values else None,
        groups=groups,
        pyramid=pyramid(*zip(*((each.label, each.female, each.male) for each in groups), strict=True))
        if any(each is not None for group in groups for each in (group.female, group.male))
        else None,
        months=series[::-1],
        trend=trend([each.period for each in series], [each.people for each in series])
        if any(each.people is not None for each in series)
        else None,
        places=await places(reading, table.area, month, year),
        year=year,
        yearly={} if year is None or table.area else await of_year(reading, year),
        quality=None if table.area else quality,
    )


async def figures(reading: Reading, name: str, asked: Asked) -> Published | None:
    """A table; None where none is published."""
    try:
        return (await reading.published(name, asked))[0]
    except NotFound:
        return None


async def total(reading: Reading, name: str, area: str | None, period: str) -> float | None:
    """One figure; None where it is withheld or not published."""
    found = await figures(reading, name, Asked(area, period))
    return found.values[0].value if found and found.values else None


async def ages(reading: Reading, area: str | None, month: str) -> list[Group]:
    """By age group and sex, the youngest first; nothing below the township."""
    if len(reading.area(area)) > PIECES:
        return []
    found = await figures(reading, "population", Asked(area, month, ("sex", "age")))
    values = {(each.age, each.sex): each.value for each in found.values} if found else {}
    groups = sorted({age for age, _ in values if age is not None})
    last = groups[-1] if groups else 0
    return [
        Group(
            f"{age}+" if age == last and age >= 85 else f"{age}–{age + 4}",
            values.get((age, "female")),
            values.get((age, "male")),
        )
        for age in groups
    ]


async def month_of(reading: Reading, area: str | None, month: str) -> Month:
    """What a month says of an area."""
    happened = {} if area else {name: await total(reading, name, None, month) for name in OF_MONTHS}
    return Month(month, await total(reading, "population", area, month), happened)


async def places(reading: Reading, area: str | None, month: str, year: str | None) -> list[Place]:
    """The areas right below, as the release orders them; deaths of the year where townships are shown."""
    below: tuple[Dimension, ...] = ("area",)
    prefix = reading.area(area)
    found = await figures(reading, "population", Asked(area, month, below))
    if found is None or len(prefix) >= len(AreaCode("0" * 12).text):
        return []
    happened: dict[str, dict[str | None, float | None]] = {}
    if year is not None and len(prefix) < PIECES:
        for name in OF_TOWNSHIPS:
            told = await figures(reading, name, Asked(area, year, below))
            if told is not None:
                happened[name] = {each.area: each.value for each in told.values}
    return [
        Place(
            each.area or "",
            each.value,
            {name: values.get(each.area) for name, values in happened.items()},
            leads=(each.area or "").isdigit() and len(prefix) < PIECES,
        )
        for each in found.values
    ]


async def of_year(reading: Reading, year: str) -> dict[str, Published]:
    """The county's figures of a year."""
    found = {}
    for name in (*(name for name, _ in SIGNED), *RATES):
        assert name in INDICATORS
        if (told := await figures(reading, name, Asked(None, year))) is not None:
            found[name] = told
    return found


def trail(reading: Reading, area: str | None) -> list[str]:
    """The areas around this one within the register, the widest first, and this one."""
    if area is None:
        return []
    code = AreaCode.parse(area)
    around = [each.text for each in reversed(code.parents()) if reading.area(each.text) and len(each.prefix) >= 6]
    return [*around, area]
