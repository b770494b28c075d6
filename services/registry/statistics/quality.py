"""How complete, timely and consistent the register is. Pure. Shares and indices only, and of enough people: they are
whole percents, so that no two releases can be subtracted to a person."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from services.registry.statistics import counting, demography
from services.registry.statistics.figures import rounded
from services.registry.statistics.suppression import SMALL

ENOUGH_BIRTHS, ENOUGH_PEOPLE = 100, 1000
NO_SECOND_SOURCE = {
    "en": "Only civil affairs reports marriages with a day. The household register says of some that they are the "
    "head's spouse, without a day, and enters it when it is shown the certificate: that is no second count of "
    "marriages, so that completeness cannot be estimated from two systems, and is not.",
    "zh": "只有民政部门报送带日期的结婚登记。户籍登记仅载明部分人员为户主配偶，不载日期，且凭结婚证登记，"
    "不是对结婚的第二次独立统计，无法以双系统估计完整性，故不估计。",
}


def births(year: int, counts: Mapping[str, int]) -> dict[str, Any]:
    """Completeness and timeliness of a year of births: certificates beside first entries in the household register."""
    both = sum(counts.get(kind, 0) for kind in (counting.TIMELY, counting.LATE, counting.DELAYED))
    certified_only, registered_only = counts.get(counting.UNREGISTERED, 0), counts.get(counting.UNCERTIFIED, 0)
    found = demography.dual_system(both, certified_only, registered_only)
    if both < ENOUGH_BIRTHS or found is None:
        return {"year": year, "available": False}
    certified = both + certified_only
    return {
        "year": year,
        "available": True,
        "estimate": rounded(found.estimate),
        "chapman": rounded(found.chapman),
        "standard_error": round(found.standard_error),
        "certificates_complete_percent": round(100 * found.completeness_of_first),
        "registrations_complete_percent": round(100 * found.completeness_of_second),
        "timely_percent": round(100 * counts.get(counting.TIMELY, 0) / certified),
        "late_percent": round(100 * counts.get(counting.LATE, 0) / certified),
        "delayed_percent": round(100 * counts.get(counting.DELAYED, 0) / certified),
        "unregistered_percent": round(100 * certified_only / certified),
    }


def consistency(
    month: int, by_birth: Mapping[int, int], days: Mapping[str, int], contradictions: int, half_moves: int
) -> dict[str, Any]:
    """Preference for digits, animal years and days; and what waits to be cleared, in tens, withheld below ten."""
    waiting = {"open_contradictions": _tens(contradictions), "unmatched_halves_of_moves": _tens(half_moves)}
    if sum(by_birth.values()) < ENOUGH_PEOPLE:
        return {"available": False} | waiting
    ages: Counter[int] = Counter()
    years: Counter[int] = Counter()
    for born, people in by_birth.items():
        ages[(month - born) // 12] += people
        years[born // 12] += people
    whipple, everyone = demography.whipple(ages), sum(days.values())
    new_year, firsts = days.get(counting.NEW_YEAR, 0), days.get(counting.FIRST_OF_MONTH, 0)
    return {
        "available": True,
        "whipple": _one(whipple),
        "whipple_band": None if whipple is None else demography.whipple_band(whipple),
        "myers": _one(demography.myers(ages)),
        "animal_years_percent": _one(demography.animal_years(years, month // 12 - 1)),
        "born_on_new_year_times_expected": _one(demography.heaping(new_year, everyone, 1 / 365.25)),
        "born_on_first_of_other_months_times_expected": _one(demography.heaping(firsts, everyone, 11 / 365.25)),
    } | waiting


def document(births_of_year: Mapping[str, Any], consistent: Mapping[str, Any]) -> dict[str, Any]:
    """All of it, as published with a month."""
    return {
        "births": dict(births_of_year),
        "marriages": {"available": False, "reason": NO_SECOND_SOURCE},
        "consistency": dict(consistent),
    }


def _tens(number: int) -> int | None:
    return None if number < SMALL else rounded(number)


def _one(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 1)
