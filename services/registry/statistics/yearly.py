"""The figures of a year: the balance, which closes exactly, and what is computed from it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.registry.statistics import counting, demography
from services.registry.statistics.figures import ROUNDED_TO, Figure, of_county, of_townships
from services.registry.statistics.places import COUNTY
from services.registry.statistics.suppression import ALL_AGES, BOTH, SMALL

SIGNS = {
    "struck-off-otherwise": -1,
    "registered-otherwise": 1,
    "moved-out": -1,
    "moved-in": 1,
    "deaths": -1,
    "births": 1,
}
"""What stands between P0 and P1; in the order in which figures are withheld for others."""
WITH_MONTHS = ("deaths", "struck-off-otherwise", "registered-otherwise")
"""Withheld together where the months tell the deaths: either of the others lets them be more, and fewer."""
FERTILE = range(15, 50, 5)


@dataclass(frozen=True)
class Year:
    """Counts of a year. `county`: by kind, without moves within the county; `died_in`: deaths by township. `women`: the
    mean number by age group; `before_in`, `after_in`: people by township at both ends, as published; `months`: the
    county's figures of the year's months by indicator, as published."""

    before: int
    after: int
    county: Mapping[str, int]
    died_in: Mapping[str, int]
    boys: int
    girls: int
    delivered: Mapping[int, int]
    women: Mapping[int, float]
    before_in: Mapping[str, float | None]
    after_in: Mapping[str, float | None]
    months: Mapping[str, Sequence[float | None]]

    def balance(self) -> dict[str, int]:
        """The six ways of beginning and ceasing to count. Whoever joins and is not born is registered otherwise.

        Raises ValueError where they do not close: such a year is not published.
        """
        county = self.county
        found = {
            "births": county.get(counting.BORN, 0),
            "deaths": county.get(counting.DIED, 0),
            "moved-in": county.get(counting.ARRIVED, 0),
            "moved-out": county.get(counting.DEPARTED, 0),
            "registered-otherwise": county.get(counting.JOINED, 0) - county.get(counting.BORN, 0),
            "struck-off-otherwise": county.get(counting.LEFT, 0),
        }
        if self.before + sum(SIGNS[name] * people for name, people in found.items()) != self.after:
            raise ValueError("the balance of the year does not close")
        return found

    def rate_in(self, happened: Figure) -> float | None:
        """A township's rate, of published figures alone: it tells no more than they do."""
        before, after = self.before_in.get(happened.area), self.after_in.get(happened.area)
        if happened.value is None or before is None or after is None:
            return None
        found = demography.rate(int(happened.value), demography.mean_population(before, after))
        return None if found is None else round(found, 1)


def told_by(total: int, months: Sequence[float | None]) -> bool:
    """Whether the exact total of a year, beside its months as published, would leave a withheld month fewer than its
    ten values. A withheld month is anything below ten, a published one ten at least and what rounds to it."""
    ends = [
        (0, SMALL - 1) if each is None else (max(SMALL, each - ROUNDED_TO / 2), each + ROUNDED_TO / 2 - 1)
        for each in months
    ]
    least, most = sum(low for low, _ in ends), sum(high for _, high in ends)
    unknown = len(months) < 12  # a month without a release may have had any number
    return None in months and (total < least + SMALL - 1 or (total > most - SMALL + 1 and not unknown))


def closed(balance: Mapping[str, int], also: Iterable[str] = ()) -> set[str]:
    """The parts of the balance that are not published: small ones, those that must not be for another reason (`also`),
    and others, until the equation leaves each of them ten values. Parts of both signs can grow together without limit;
    those of one sign share a sum, which is enough for small ones."""
    hidden = {name for name, people in balance.items() if people < SMALL} | set(also)
    rest = [name for name in SIGNS if name not in hidden]
    while hidden and rest and len({SIGNS[name] for name in hidden}) < 2:
        if len(hidden) > 1 and sum(balance[name] for name in hidden) >= SMALL:
            break
        hidden.add(rest.pop(0))
    return hidden


def figures_of(year: Year) -> dict[str, list[Figure]]:
    """Every indicator of the year."""
    balance = year.balance()
    hidden = closed(balance, WITH_MONTHS if told_by(balance["deaths"], year.months["deaths"]) else ())
    shown = {name: None if name in hidden else people for name, people in balance.items()}
    found = {name: of_county(people) for name, people in shown.items()}
    mean = demography.mean_population(year.before, year.after)
    births, deaths = shown["births"], shown["deaths"]
    increase = births - deaths if births is not None and deaths is not None else None
    found |= {
        "population-before": of_county(year.before if year.before >= SMALL else None),
        "population-after": of_county(year.after if year.after >= SMALL else None),
        "natural-increase": of_county(increase),
    }
    for name, kind in (("marriages", counting.MARRIED), ("divorces", counting.DIVORCED)):
        happened = year.county.get(kind, 0) // 2  # each spouse has a side
        open_to_all = happened >= SMALL and not told_by(happened, year.months[name])
        found[name] = of_county(happened if open_to_all else None)
    for name, people in (("birth-rate", births), ("natural-increase-rate", increase)):
        found[name] = of_county(_rate(people, mean))
    # Moves are told of the county only: with people and deaths they would tell the births of a township.
    for name in ("moved-in", "moved-out"):
        found[f"{name}-rate"] = of_county(_rate(shown[name], mean))
    return found | mortality(year, deaths, mean) | fertility(year, births)


def mortality(year: Year, deaths: int | None, mean: float) -> dict[str, list[Figure]]:
    """Deaths and their rate, of the county and its townships."""
    if deaths is None:  # the townships together would tell it
        happened = [*of_county(None), *(Figure(area, BOTH, ALL_AGES, None) for area in sorted(year.after_in))]
    else:
        happened = of_townships(of_county(deaths), {area: year.died_in.get(area, 0) for area in year.after_in})
    rates = [Figure(each.area, each.sex, each.age, year.rate_in(each)) for each in happened if each.area != COUNTY]
    return {"deaths": happened, "death-rate": of_county(_rate(deaths, mean)) + rates}


def fertility(year: Year, births: int | None) -> dict[str, list[Figure]]:
    """Sex ratio at birth and fertility, of the whole county."""
    ratio = demography.sex_ratio(year.boys, year.girls) if min(year.boys, year.girls) >= SMALL else None
    women = {group: year.women.get(group, 0) for group in FERTILE}
    general = _rate(births, sum(women.values()))
    total = demography.total_fertility(year.delivered, women) if births is not None else None
    return {
        "sex-ratio-at-birth": of_county(None if ratio is None or births is None else round(ratio, 1)),
        "general-fertility": of_county(general),
        "total-fertility": of_county(None if total is None else round(total, 2)),
    }


def _rate(people: int | None, mean: float) -> float | None:
    found = None if people is None else demography.rate(people, mean)
    return None if found is None else round(found, 2)
