"""When a day's digest is made, and what it says. Pure."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from services.alerts.counts.repository import Counts
from services.alerts.feeds.announced import DIGEST
from shared.feed.values import NewEntry


def due(here: datetime, hour: int, made: date | None) -> bool:
    """Whether the digest of this day is to be made: its hour has come, and it was not made. `here`: the present time in
    Asia/Shanghai. Days on which nobody looked have none: what was to be done then is to be done today, or is over."""
    return here.hour >= hour and (made is None or made < here.date())


def entry(entry_id: UUID, day: date, counts: Counts, link: str) -> NewEntry:
    """The entry of a facility's feed: counts and where to look."""
    told = {
        "kind": DIGEST,
        "on": day.isoformat(),
        "today": counts.today,
        "overdue": counts.overdue,
        "soon": counts.soon,
        "link": link,
    }
    return NewEntry(entry_id, msgspec.json.encode(told))
