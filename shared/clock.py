"""The one clock: instants are UTC, dates are dates in Asia/Shanghai (contracts.md, "Everywhere")."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone

# China has kept UTC+8 without summer time since 1991, so a fixed offset is exact for "today" and needs no tz database.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

_fixed: datetime | None = None


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) if _fixed is None else _fixed


def today() -> date:
    """The calendar date in Asia/Shanghai at this instant."""
    return now().astimezone(SHANGHAI).date()


def seconds_left_today() -> int:
    """Whole seconds, at least one, until the next day begins in Asia/Shanghai."""
    here = now().astimezone(SHANGHAI)
    tomorrow = datetime.combine(here.date() + timedelta(days=1), time(), SHANGHAI)
    return max(1, math.ceil((tomorrow - here).total_seconds()))


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stop the clock of this process at `at` (aware). For tests such as two worlds, which must share every instant."""
    global _fixed
    if at.tzinfo is None:
        raise ValueError("the clock needs an instant with an offset")
    before, _fixed = _fixed, at.astimezone(UTC)
    try:
        yield
    finally:
        _fixed = before
