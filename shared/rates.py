"""How much a department may ask for in a second: one token bucket a department and kind, in this process.

Several processes of one service each count for themselves, so that their limits add up.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from shared.errors_text import ErrorText, declare
from shared.errors_tree import Problem

BURST_SECONDS: Final = 10  # what was not asked for in this time may be asked for at once
Kind = Literal["events", "requests"]

declare(
    "rate-limited",
    ErrorText(
        429,
        "This department asks for too much at once",
        "本部门请求过于频繁",
        "Nothing of this request was accepted. Send it again after the seconds in `Retry-After`; `limit` says how many "
        "events or requests a second are let through.",
        "本次请求未被受理。请在 Retry-After 所示秒数后重发；limit 说明每秒允许的事件数或请求数。",
    ),
)


@dataclass
class Bucket:
    """Fills by `rate` tokens a second up to `burst`. Full to begin with, at instant `at` (seconds)."""

    rate: float
    burst: float
    tokens: float
    at: float

    def take(self, count: int, now: float, already: int = 0) -> float:
        """Take `count` tokens, of which `already` were taken, and give 0.0; or take none and give the seconds until
        that many could be taken.

        More than a full bucket holds are taken from a full one, and the rest is owed: a large batch is never refused
        for ever. Over any time T no more than `burst + rate * T` is let through, but for what the last one owes.
        """
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)
        missing = min(count, self.burst) - already - self.tokens
        if missing > 0:
            return missing / self.rate
        self.tokens -= count - already
        return 0.0


class Rates:
    """The buckets of all departments. 0 a second: no limit."""

    def __init__(self, per_second: Mapping[Kind, int], ticks: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.ticks = dict(per_second), ticks
        self.buckets: dict[tuple[Kind, str], Bucket] = {}

    def take(self, kind: Kind, department: str, count: int = 1, already: int = 0) -> None:
        """Count what a department asks for. Raises Problem (429) with `Retry-After` in whole seconds."""
        rate = self.per_second.get(kind, 0)
        if not rate or count <= already:
            return
        now = self.ticks()
        bucket = self.buckets.get((kind, department))
        if bucket is None:
            burst = rate * BURST_SECONDS
            bucket = self.buckets[kind, department] = Bucket(rate, burst, burst, now)
        wait = bucket.take(count, now, already)
        if wait:
            raise Problem(
                "rate-limited",
                headers={"Retry-After": str(math.ceil(wait))},
                limit={"of": kind, "per_second": rate, "at_once": rate * BURST_SECONDS},
            )
