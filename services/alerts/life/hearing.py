"""One page of the registry's feed `care`: first the directory, then everything that it concerns, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.alerts.directory.handlers import Heard, hear
from services.alerts.directory.repository import names_of
from services.alerts.episodes.acting import Act
from services.alerts.handovers.moving import Moving
from services.alerts.life.handlers import Life
from services.alerts.registration_help.handlers import Helps
from shared.db import Connection
from shared.feed.follow import FeedEntry


@dataclass(frozen=True)
class Hearing:
    """Who hears what the registry says."""

    helps: Helps
    moving: Moving
    life: Life

    async def handle(self, connection: Connection, entries: Sequence[FeedEntry]) -> None:
        """Take over a page. What it ends is closed before another entry can leave: facility feeds are numbered in the
        same transaction. Raises msgspec.ValidationError for an entry that says more than alerts may know."""
        await self.concerned(connection, await hear(connection, entries))

    async def again(self, connection: Connection, names: Sequence[str]) -> None:
        """Let everything that concerns these people stand as the directory says: who serves where they live may have
        changed, and nothing was said of them."""
        await self.concerned(connection, Heard([], [], await names_of(connection, names)))

    async def concerned(self, connection: Connection, heard: Heard) -> None:
        """Settle what concerns people, and announce it all at once."""
        act = Act(connection, self.life.care)
        act.told += await self.helps.heard(connection, heard)
        await self.life.heard(act, heard)
        await self.moving.heard(act, heard.names)
        await act.finish()
