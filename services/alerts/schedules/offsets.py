"""How long after a day: `16 weeks`, `3 months`, `4 months - 1 day`, `end of year + 1`. Pure."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_TEXT = re.compile(r"(\d{1,4}) (day|week|month|year)s?(?: ([+-]) (\d{1,3}) days?)?")
# Days on which offsets in different units are compared: all ends of months and their neighbours, through a leap year.
TRIED = tuple(
    day for n in range(4 * 365 + 1) if (day := date(2023, 3, 1) + timedelta(days=n)).day in (1, 2, 27, 28, 29, 30, 31)
)
_YEAR_END = re.compile(r"end of year(?: \+ (\d))?")
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True)
class Offset:
    """Calendar months, then days. A month counts to the same day of the month, or to its last day: 31 January + 1 month
    is 28 or 29 February, and 29 February + 1 year is 28 February. `year_end`: then on to the last day of that year."""

    months: int
    days: int
    year_end: bool = False

    @classmethod
    def parse(cls, text: object) -> "Offset":
        """Read `<n> days|weeks|months|years`, with `+ <n> days` or `- <n> days` behind it where needed, or `end of
        year` with `+ <n>` for a later one; an offset stays as it is. Raises ValueError."""
        if isinstance(text, cls):
            return text
        if isinstance(text, str) and (ends := _YEAR_END.fullmatch(text)):
            return cls(12 * int(ends[1] or 0), 0, year_end=True)
        found = _TEXT.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError("is no span of time: write it as '16 weeks', '3 months' or '4 months - 1 day'")
        count, unit, sign, more = found.groups()
        extra = int(more or 0) * (-1 if sign == "-" else 1)
        return cls(int(count) * _MONTHS.get(unit, 0), int(count) * _DAYS.get(unit, 0) + extra)

    def after(self, day: date) -> date:
        """The day that lies so far after another."""
        year, month = divmod(day.year * 12 + day.month - 1 + self.months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        found = date(year, month + 1, min(day.day, last)) + timedelta(days=self.days)
        return date(found.year, 12, 31) if self.year_end else found

    def __add__(self, other: "Offset") -> "Offset":
        return Offset(self.months + other.months, self.days + other.days, self.year_end or other.year_end)

    def __mul__(self, times: int) -> "Offset":
        return Offset(self.months * times, self.days * times, self.year_end)


@lru_cache(maxsize=10_000)  # schedules that are read say the same spans over and over
def disorder(former: Offset, latter: Offset, *, strictly: bool) -> date | None:
    """A day from which an offset leads past a later one (or, strictly, not before it); None if there is none."""
    least = timedelta(days=1 if strictly else 0)
    same = former.months == latter.months and not (former.year_end or latter.year_end)
    tried = TRIED[:1] if same else TRIED
    return next((day for day in tried if latter.after(day) - former.after(day) < least), None)
