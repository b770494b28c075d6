"""Reading a facility's feed: what may not be told any more is withheld and keeps its place, and whose contacts were
read is written down, in the transaction of the read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from services.alerts.episodes.identity import log_names
from services.alerts.episodes.life import BASIS
from services.alerts.episodes.vault import Vault
from services.alerts.feeds import repository
from services.alerts.feeds.announced import ENDS, Announcement, announcement
from services.alerts.feeds.repository import Named
from services.alerts.registration_help.handlers import ASKED
from services.alerts.worklist.repository import people
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import Connection
from shared.feed.log import FeedLog
from shared.feed.values import Cursor, Entry, Page

ACTION: Final = "feed"
WINDOW: Final = ("contact", "opens_on", "due_on", "closes_on")
ENDING: Final = ("consent",)


@dataclass(frozen=True)
class ToldFeed:
    """A facility's feed as it may be told today: an entry about a care contact or a consent only while the facility has
    the duty and the consent of its episode holds, but for the word that the contact is over. `paused`: whether those of
    a paused episode are told."""

    feeds: FeedLog
    today: Callable[[], date]
    paused: bool = False

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read entries after a cursor; see FeedLog.read."""
        page, _ = await self.read_named(connection, feed, partition, after, limit)
        return page

    async def read_named(
        self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int
    ) -> tuple[Page, dict[UUID, Named]]:
        """The same, with whom its entries are about."""
        page = await self.feeds.read(connection, feed, partition, after, limit)
        told = [found for entry in page.entries if (found := announcement(entry))]
        about = {found.care for found in told if found.care}
        named = await repository.named(connection, about, self.today(), feed) if about else {}
        return replace(page, entries=[self.kept(entry, named) for entry in page.entries]), named

    def kept(self, entry: Entry, named: dict[UUID, Named]) -> Entry:
        """The entry, without its body where it may not be told."""
        found = announcement(entry)
        if found is None or found.care is None or found.kind in ENDS:
            return entry
        of = named.get(found.care)
        may = of is not None and (self.paused or not of.paused)
        return entry if may else replace(entry, body=None)


@dataclass(frozen=True)
class WatchedFeed:
    """The same, writing down who read of whom before a page is handed out."""

    told: ToldFeed
    caller: Caller
    vault: Vault

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read entries after a cursor; see FeedLog.read."""
        async with connection.transaction():
            page, named = await self.told.read_named(connection, feed, partition, after, limit)
            told = [found for entry in page.entries if (found := announcement(entry))]
            await self.note_help(connection, told)
            readings = []
            for fields, about in ((WINDOW, {each.contact for each in told}), (ENDING, {each.episode for each in told})):
                names = log_names(self.vault, {named[each].episode_id for each in about if each in named})
                readings += [Reading(name, fields) for name in names]
            await record(connection, self.caller, readings, action=ACTION, basis=BASIS)
        return page

    async def note_help(self, connection: Connection, told: list[Announcement]) -> None:
        """Write down whose birth dates were read."""
        found = await people(connection, sorted({each.help for each in told if each.help}))
        dated = {each.help for each in told if each.help and each.born_on}
        readings = [Reading(child, ("birth_date",)) for help_id, (child, _) in found.items() if help_id in dated]
        await record(connection, self.caller, readings, action=ACTION, basis=ASKED)
