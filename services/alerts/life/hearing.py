"""One page of the registry's feed `care`: first the directory, then everything that it concerns, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.alerts.directory.handlers import Heard, hear
from services.alerts.directory.repository import names_of
from services.alerts.episodes.acting import Act
from services.alerts.handovers.moving import Moving
from services.alerts.registration_help.handlers import Helps
from shared.db import Connection
from shared.feed.follow import FeedEntry


@dataclass(frozen=True)
class Hearing:
    """Who hears what the registry says."""

    helps: Helps
    moving: Moving

    async def handle(self, connection: Connection, entries: Sequence[FeedEntry]) -> None:
        """Take over a page. What it ends is closed before another entry can leave: facility feeds are numbered in the
        same transaction. Raises msgspec.ValidationError for an entry that says more than alerts may know."""
        heard = await hear(connection, entries)
        # Episodes are locked before feeds are numbered, as everywhere.
        await self.moving.heard(Act(connection, self.moving.care), heard.names)
        await self.helps.heard(connection, heard)

    async def again(self, connection: Connection, names: Sequence[str]) -> None:
        """Let everything that concerns these people stand as the directory says: who serves where they live may have
        changed, and nothing was said of them."""
        concerned = await names_of(connection, names)
        await self.moving.heard(Act(connection, self.moving.care), concerned)
        await self.helps.heard(connection, Heard([], [], concerned))
