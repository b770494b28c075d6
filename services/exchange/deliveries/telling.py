"""What the exchange's webhooks are about: departments' feeds, as their agreements stand when something is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final
from uuid import UUID

from services.exchange.deliveries.message import entry_message
from services.exchange.feeds.names import OWN, department_feed
from services.exchange.feeds.reading import DepartmentFeeds, department_feeds
from services.exchange.subscriptions.rules import told_in, wants
from shared.app import Service
from shared.client import Sender
from shared.db import Connection
from shared.deliveries.handlers import PATIENCE, Deliveries
from shared.deliveries.repository import Claimed, Planned, Store
from shared.deliveries.rules import RETRIES
from shared.feed.values import Cursor, Entry, Page

STORE: Final = Store(
    subscription="subscription",
    delivery="delivery",
    attempt="delivery_attempt",
    owner="department",
    feed=OWN,
    filters=("types", "areas"),
)


@dataclass(frozen=True)
class DepartmentTelling:
    """The feeds of departments (see shared.deliveries.handlers.Telling)."""

    service: Service
    alarms: bool = True

    @cached_property
    def feeds(self) -> DepartmentFeeds:
        """What may be read now."""
        return department_feeds(self.service)

    def feed(self, owner: str) -> str:
        """A department's own feed."""
        return department_feed(owner)

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read as agreements stand now."""
        return await self.feeds.read(connection, feed, partition, after, limit)

    def wanted(self, page: Page, filters: Mapping[str, Sequence[str]]) -> list[Planned]:
        """The entries a subscription wants; a withheld one is nobody's business any more."""
        found = []
        for entry in page.entries:
            if entry.body is None:
                continue
            told = told_in(entry.body)
            if wants(filters["types"], filters["areas"], told):
                found.append(Planned(entry.entry_id, entry.position, told.type, entry.recorded_at))
        return found

    def webhook_id(self, claimed: Claimed) -> UUID:
        """The entry's."""
        return claimed.entry_id

    def message(self, feed: str, claimed: Claimed, _entry: Entry | None) -> bytes:
        """That there is an entry, and where to pull it."""
        return entry_message(feed, claimed.entry_id, claimed.type, claimed.told_at, claimed.epoch, claimed.position)


def deliveries(
    service: Service, sender: Sender, retries: Sequence[float] = RETRIES, patience: timedelta = PATIENCE
) -> Deliveries:
    """The work of one process on all departments' subscriptions."""
    return Deliveries(service, STORE, DepartmentTelling(service), sender, retries, patience)
