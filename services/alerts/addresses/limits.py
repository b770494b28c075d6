"""How often secret addresses may be asked for: token buckets in this process, the wrong ones by where they come from,
the right ones by address. Several processes each count for themselves."""

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from shared.errors_text import ErrorText, declare
from shared.errors_tree import Problem
from shared.rates import Bucket

WRONG_PER_SECOND, WRONG_AT_ONCE = 1.0, 30.0
PULLS_PER_SECOND, PULLS_AT_ONCE = 0.1, 30.0  # readers of calendars ask a few times an hour
MOST: Final = 20_000  # buckets kept; full ones say nothing, and are dropped first

declare(
    "asked-too-often",
    ErrorText(
        429,
        "This was asked for too often",
        "请求过于频繁",
        "Ask again after the seconds in `Retry-After`; once an hour is enough.",
        "请在 Retry-After 所示秒数后重试；每小时读取一次即可。",
    ),
)


@dataclass
class Limits:
    """Buckets by key; `ticks` is a clock of seconds."""

    ticks: Callable[[], float] = time.monotonic
    buckets: dict[Hashable, Bucket] = field(default_factory=dict)

    def guessing(self, origin: str) -> None:
        """Refuse, before anything is looked up, whoever asked for too many addresses that are none. Raises Problem."""
        bucket = self.buckets.get(("wrong", origin))
        if bucket is not None and (wait := bucket.take(1, self.ticks())):
            raise refused(wait)
        if bucket is not None:
            bucket.tokens += 1  # it was only asked whether there is one

    def wrong(self, origin: str) -> None:
        """Count an address that is none."""
        self.bucket(("wrong", origin), WRONG_PER_SECOND, WRONG_AT_ONCE).take(1, self.ticks())

    def pull(self, address: bytes) -> None:
        """Count what is read at an address. Raises Problem (429)."""
        if wait := self.bucket(("pull", address), PULLS_PER_SECOND, PULLS_AT_ONCE).take(1, self.ticks()):
            raise refused(wait)

    def bucket(self, key: Hashable, rate: float, burst: float) -> Bucket:
        """The bucket of a key."""
        found = self.buckets.get(key)
        if found is None:
            if len(self.buckets) >= MOST:
                self.tidy()
            found = self.buckets[key] = Bucket(rate, burst, burst, self.ticks())
        return found

    def tidy(self) -> None:
        """Drop the buckets that have filled up by now; all of them, where none has."""
        now = self.ticks()
        kept = {
            key: each for key, each in self.buckets.items() if each.tokens + (now - each.at) * each.rate < each.burst
        }
        self.buckets = kept if len(kept) < MOST else {}


def refused(wait: float) -> Problem:
    """429 with the seconds to wait."""
    return Problem("asked-too-often", headers={"Retry-After": str(math.ceil(wait))})
