"""When a receipt is overdue, and what may be asked of receipts. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from uuid import UUID

Status = Literal["accepted", "applied", "held", "rejected"]

ON_ITS_WAY = "on-its-way"
ON_ITS_WAY_FOR = timedelta(minutes=10)  # what is not settled by then waits for somebody to start the registry again
LOOK_AGAIN_AFTER = timedelta(minutes=1)  # between two retries of one held event
CLOCKS_DIFFER = timedelta(days=1)  # at most, between the journal's recorded time and the one inside a receipt
BEFORE_ALL = UUID(int=0)  # receipts are UUIDv7: every one is greater

Lead = Literal["journal", "accepted", "outcomes", "overdue"]


@dataclass(frozen=True)
class Clock:
    """What is overdue now: held events due before `today`, and those accepted before `slow` that have no outcome."""

    today: date
    slow: datetime

    @staticmethod
    def at(now: datetime, today: date, on_its_way_for: timedelta = ON_ITS_WAY_FOR) -> "Clock":
        """The clock of an instant."""
        return Clock(today, now - on_its_way_for)

    def reason(self, status: str, reason: str | None, recorded_at: datetime) -> str | None:
        """The registry's reason; `on-its-way` for an accepted event that should have been settled by now."""
        return ON_ITS_WAY if status == "accepted" and recorded_at < self.slow else reason

    def overdue(self, status: str, due: date | None, recorded_at: datetime) -> bool:
        """Whether its day has passed, or it has been on its way for too long."""
        if status == "held":
            return due is not None and due < self.today
        return status == "accepted" and recorded_at < self.slow


@dataclass(frozen=True)
class Wanted:
    """Which receipts are asked for; None: any. `since` is inclusive, `until` is not."""

    status: Status | None = None
    reason: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    batch: str | None = None
    overdue: bool = False

    @property
    def lead(self) -> Lead:
        """What to begin with: outcomes are few where the journal is long."""
        if self.overdue or self.reason == ON_ITS_WAY:
            return "overdue"
        if self.status is None and self.reason is None:
            return "journal"
        return "accepted" if self.status == "accepted" else "outcomes"


def first_after(after: UUID | None, since: datetime | None) -> UUID:
    """Where to begin in the order of receipts: behind the cursor, and not long before `since`.

    A receipt begins with the millisecond it was made in (UUIDv7), but `since` is judged by the recorded time: a bound
    on the receipt only saves the reading of what is much older.
    """
    start = after or BEFORE_ALL
    if since is None:
        return start
    milliseconds = int((since.astimezone(UTC) - CLOCKS_DIFFER).timestamp() * 1000)
    return max(start, UUID(int=max(0, milliseconds) << 80))
