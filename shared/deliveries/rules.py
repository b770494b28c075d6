"""When a delivery is tried again, and what an answer means. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, Literal

# Standard Webhooks 1.0: seconds before each try, the first one at once; three days in all.
RETRIES: Final = (0.0, 5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
JITTER: Final = 0.1  # receivers that were down together are not called together
LONGEST_QUIET: Final = timedelta(days=1)  # what a receiver may ask for with Retry-After

PATIENT: Final = 5  # failures in a row that change nothing

GONE: Final = 410
SLOW_DOWN: Final = frozenset({429, 503})  # the statuses that ask for silence, and not only about one message

Outcome = Literal[
    "delivered",
    "withheld",
    "gone",
    "refused",
    "redirected",
    "timeout",
    "unreachable",
    "unresolved",
    "address-refused",
]


@dataclass(frozen=True)
class Next:
    """What follows a try: `delay` before the next one, None where there is none; `quiet` for the whole receiver."""

    delay: timedelta | None
    quiet: timedelta | None = None


def breath(failures: int) -> float:
    """Seconds between first tries to a receiver that refused the last ones: after five, 1 s, 2 s, 4 s … 16 s.

    What waits stays in the feed, so a receiver that is down for days is not called in vain for each entry ten times.
    """
    return 0.0 if failures < PATIENT else float(2 ** min(failures - PATIENT, 4))


def outcome_of(status: int) -> Outcome:
    """2xx alone is success; a redirect is not followed; 410 ends the subscription."""
    if 200 <= status < 300:
        return "delivered"
    if status == GONE:
        return "gone"
    return "redirected" if 300 <= status < 400 else "refused"


def next_try(
    tries: int, retries: Sequence[float], chance: float, status: int | None, retry_after: timedelta | None
) -> Next:
    """What follows the failure of try number `tries` (1 is the first); `chance` in 0…1 spreads it.

    A wait the receiver asked for is kept to; where the table says longer, the table holds.
    """
    quiet = retry_after if status in SLOW_DOWN else None
    if tries >= len(retries):
        return Next(None, quiet)
    planned = timedelta(seconds=retries[tries] * (1 + JITTER * (2 * chance - 1)))
    return Next(max(planned, retry_after or planned), quiet)


def retry_after_of(text: str | None, now: datetime) -> timedelta | None:
    """A Retry-After header (RFC 9110: seconds, or a date) as a wait, one day at most; None where it is neither."""
    if text is None:
        return None
    stripped = text.strip()
    if stripped.isascii() and stripped.isdecimal():
        return min(timedelta(seconds=int(stripped[:9])), LONGEST_QUIET)
    try:
        until = parsedate_to_datetime(stripped)
    except (ValueError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), LONGEST_QUIET)
