"""What facilities' webhooks are about: their transition log, as it may be told when something is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from services.alerts.feeds.announced import DIGEST, Announcement, announcement
from services.alerts.feeds.reading import ToldFeed
from services.alerts.registration_help.handlers import facility_feed
from services.alerts.state import Alerts
from shared.client import Sender
from shared.db import Connection
from shared.deliveries.handlers import Deliveries
from shared.deliveries.repository import Claimed, Planned, Store
from shared.feed.values import Cursor, Entry, Page

STORE: Final = Store(
    subscription="care_webhook",
    delivery="care_delivery",
    attempt="care_delivery_attempt",
    owner="facility",
    feed=facility_feed(""),
    filters=("kinds",),
)
ANNOUNCED: Final = "cn.tenfold.worklist.changed.v1"
TESTED: Final = "cn.tenfold.webhook.tested.v1"


@dataclass(frozen=True)
class FacilityTelling:
    """The feeds of facilities (see shared.deliveries.handlers.Telling). Read in the transaction before each try: of an
    episode whose consent is over, or that is paused, nothing is sent."""

    told: ToldFeed
    link: str
    alarms: bool = False  # how many deliveries fail tells how much care is given: only the facility sees it

    def feed(self, owner: str) -> str:
        """A facility's own feed."""
        return facility_feed(owner)

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read what may be told now."""
        return await self.told.read(connection, feed, partition, after, limit)

    def wanted(self, page: Page, filters: Mapping[str, Sequence[str]]) -> list[Planned]:
        """The entries of the kinds that are wanted."""
        kinds = filters["kinds"]
        return [
            Planned(entry.entry_id, entry.position, ANNOUNCED, entry.recorded_at)
            for entry in page.entries
            if (found := announcement(entry)) and (not kinds or found.kind in kinds)
        ]

    def webhook_id(self, claimed: Claimed) -> UUID:
        """The delivery's own: an entry's begins like its contact's, by which a receiver would know a task again."""
        return claimed.delivery_id

    def message(self, feed: str, claimed: Claimed, entry: Entry | None) -> bytes:
        """How many changes of which kind there are, where to pull them, and where to look. No task and no person."""
        found = None if entry is None else announcement(entry)
        data = {
            "feed": feed,
            "epoch": str(claimed.epoch),
            "position": claimed.position,
            "after": f"{claimed.epoch}:{claimed.position - 1}",
            "link": self.link,
        }
        return body(claimed.type, claimed.told_at, data | ({} if found is None else counted(found)))


def counted(found: Announcement) -> dict[str, Any]:
    """Counts by kind; of a digest also what it counts."""
    counts: dict[str, Any] = {"counts": {found.kind: 1}}
    if found.kind == DIGEST:
        counts[DIGEST] = {"on": found.on, "today": found.today, "overdue": found.overdue, "soon": found.soon}
    return counts


def trial_message(feed: str, webhook: str, link: str, sent_at: datetime) -> bytes:
    """The body of a test: nothing to pull."""
    return body(TESTED, sent_at, {"feed": feed, "webhook": webhook, "link": link})


def body(type_: str, timestamp: datetime, data: dict[str, Any]) -> bytes:
    """The three members Standard Webhooks gives a body."""
    return msgspec.json.encode({"type": type_, "timestamp": timestamp.isoformat(), "data": data})


def deliveries(alerts: Alerts, sender: Sender, **more: Any) -> Deliveries:
    """The work of one process on all facilities' webhooks; `more` as Deliveries takes it."""
    service = alerts.service
    told = ToldFeed(service.feeds, alerts.care.vault, alerts.today)
    telling = FacilityTelling(told, f"{service.settings.alerts_url}/worklist")
    return Deliveries(service, STORE, telling, sender, **more)
