"""The figures of a year beside those of its months: whoever has the balance, the deaths of townships and of months, all
as published, can tell no withheld figure within ten values. Stocks do not come in: the people before and after are told
exactly, and bind nothing but the balance, which is attacked here; other years share nothing with it but these two."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry.statistics import counting
from services.registry.statistics.figures import Figure, monthly, value_of
from services.registry.statistics.suppression import SMALL
from services.registry.statistics.yearly import SIGNS, Year, figures_of, told_by

numpy: Any = import_module("numpy")
optimize: Any = import_module("scipy.optimize")

MOST = 100_000
FEW = st.one_of(st.integers(0, 4), st.integers(8, 11), st.integers(0, 60))
# Months near the edge of what is withheld, where the year's sum tells most.
MONTHS = st.one_of(*(st.lists(each, min_size=12, max_size=12) for each in (FEW, st.integers(7, 11), st.just(9))))
MONTHS_OR_TENS = st.one_of(
    MONTHS, st.tuples(st.integers(0, 9), st.just([10] * 11)).map(lambda made: [made[0], *made[1]])
)
Range = tuple[float, float]


def year_of(parts: Mapping[str, int], months: Sequence[int], townships: Sequence[int]) -> Year:
    """A year in which so many died in each month and in each township."""
    died = sum(months)
    county = {
        counting.BORN: parts["births"],
        counting.DIED: died,
        counting.ARRIVED: parts["moved-in"],
        counting.DEPARTED: parts["moved-out"],
        counting.JOINED: parts["births"] + parts["registered-otherwise"],
        counting.LEFT: parts["struck-off-otherwise"],
        counting.MARRIED: 2 * died,
    }
    change = sum(SIGNS[name] * people for name, people in {**parts, "deaths": died}.items())
    ends = {f"3701029{n:02}": 1000.0 for n in range(len(townships))}
    return Year(
        before=5000,
        after=5000 + change,
        county=county,
        died_in=dict(zip(ends, townships, strict=True)),
        boys=0,
        girls=0,
        delivered={},
        women={},
        before_in=ends,
        after_in=ends,
        months={
            "deaths": [value_of(monthly(each)) for each in months],
            "marriages": [value_of(monthly(each)) for each in months],
            "divorces": [None] * 12,
        },
    )


def in_tens(value: float | None, withheld: Range) -> Range:
    """What a figure in tens says."""
    return withheld if value is None else (max(SMALL, value - 5), value + 4)


def attacked(year: Year, found: Mapping[str, list[Figure]]) -> Callable[[int], Range]:
    """The least and the greatest value of an unknown, by its place: the months, the parts of the balance, the
    townships, in this order."""
    townships = [value_of(found["deaths"], area) for area in sorted(year.after_in)]
    ranges: list[Range] = [in_tens(each, (0, SMALL - 1)) for each in year.months["deaths"]]
    for name in SIGNS:
        value = value_of(found[name])
        ranges.append((0, MOST) if value is None else (value, value))
    ranges += [in_tens(each, (0, MOST)) for each in townships]
    deaths, after_parts = 12 + list(SIGNS).index("deaths"), 12 + len(SIGNS)
    equal = [[0] * len(ranges) for _ in range(3)]
    equal[0][:12] = [1] * 12
    equal[1][12:after_parts] = list(SIGNS.values())
    equal[2][after_parts:] = [1] * len(townships)
    equal[0][deaths] = equal[2][deaths] = -1
    values = [0, year.after - year.before, 0]
    least, most = zip(*ranges, strict=True)

    def bounds(place: int) -> Range:
        ends = []
        for sign in (1, -1):
            wanted = [0] * len(ranges)
            wanted[place] = sign
            answer = optimize.milp(
                numpy.array(wanted),
                constraints=[optimize.LinearConstraint(numpy.array(equal), values, values)],
                integrality=numpy.ones(len(ranges)),
                bounds=optimize.Bounds(least, most),
            )
            assert answer.success
            ends.append(round(sign * answer.fun))
        return ends[0], ends[1]

    return bounds


@given(
    st.fixed_dictionaries({name: FEW for name in SIGNS if name != "deaths"}),
    MONTHS_OR_TENS,
    st.lists(st.integers(0, 200), max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_a_year_and_its_months_together_tell_no_withheld_figure(
    parts: dict[str, int], months: list[int], cuts: list[int]
) -> None:
    died = sum(months)
    places = [0, *sorted(min(cut, died) for cut in cuts), died]
    year = year_of(parts, months, [end - start for start, end in pairwise(places)])
    found = figures_of(year)
    bounds = attacked(year, found)
    for place, month in enumerate(months):
        if month < SMALL:
            assert bounds(place) == (0, SMALL - 1), "a withheld month is below ten, and nothing more"
    for place, name in enumerate(SIGNS, 12):
        if value_of(found[name]) is None:
            least, greatest = bounds(place)
            assert greatest - least >= SMALL - 1, name
    for place, area in enumerate(sorted(year.after_in), 12 + len(SIGNS)):
        if value_of(found["deaths"], area) is None:
            least, greatest = bounds(place)
            assert greatest - least >= SMALL - 1, area


def test_nine_deaths_in_each_month_are_told_by_no_sum() -> None:
    """Every month is withheld as below ten: 108 in the year would say that it was nine each time."""
    parts = dict.fromkeys(SIGNS, 50)
    found = figures_of(year_of(parts, [9] * 12, [60, 48]))
    assert [name for name in SIGNS if value_of(found[name]) is None] == [
        "struck-off-otherwise",
        "registered-otherwise",
        "deaths",
    ]
    assert {each.value for each in found["deaths"]} == {None}
    assert value_of(found["marriages"]) is None
    shown = figures_of(year_of(parts, [9] * 6 + [4] * 6, [40, 38]))
    assert (value_of(shown["deaths"]), value_of(shown["marriages"])) == (78, 78)


def test_a_year_of_which_months_have_no_release_tells_less() -> None:
    assert told_by(36, [None] * 4) is False
    assert told_by(8, [None] * 4) is True
    assert told_by(500, [40] * 12) is False
