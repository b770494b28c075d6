"""What a secret address is, and how the days of a calendar change. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from services.alerts.counts.repository import OnDay

Kind = Literal["feed", "calendar"]
Language = Literal["zh-CN", "en"]

SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 random bits in base64url
NOTHING: Final = OnDay(0, 0)


@dataclass(frozen=True)
class Day:
    """A day as a calendar shows it."""

    day: date
    shown: OnDay
    sequence: int
    changed_at: datetime

    @property
    def cancelled(self) -> bool:
        """Whether there is nothing on it (any more)."""
        return self.shown == NOTHING


def fingerprint(secret: str) -> bytes | None:
    """By what an address is found; None for a text that never was one. A plain hash of 256 random bits gives nobody
    anything to guess at (protection rule 7 is about identity numbers, which are few)."""
    return hashlib.sha256(secret.encode()).digest() if SECRET.fullmatch(secret) else None


def following(before: Mapping[date, Day], now: Mapping[date, OnDay], today: date, at: datetime) -> list[Day]:
    """The days from today on, in order, as they are to be shown now. What changed has the next sequence; what became
    empty stays, cancelled. Today is always there: a calendar may not be without any event (RFC 5545, 3.6)."""
    days = {day for day in (*before, *now) if day >= today} | {today}
    return [changed(before.get(day), day, now.get(day, NOTHING), at) for day in sorted(days)]


def changed(before: Day | None, day: date, shown: OnDay, at: datetime) -> Day:
    """One day as it is to be shown now."""
    if before is None:
        return Day(day, shown, 0, at)
    return (
        before if before.shown == shown else replace(before, shown=shown, sequence=before.sequence + 1, changed_at=at)
    )
