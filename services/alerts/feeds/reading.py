"""Reading a facility's feed: what may not be told any more is withheld and keeps its place, and whose contacts were
read is written down, in the transaction of the read."""

from collections.abc import Callable, Sequence
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
from shared.audit.log import Reading, record_each
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
    the duty, the consent of its episode holds and its key can be opened, but for the word that the contact is over; of
    a consent only while the episode goes on and it still ends on that day. `paused`: whether those of a paused episode
    are told."""

    feeds: FeedLog
    vault: Vault
    today: Callable[[], date]
    paused: bool = False

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read entries after a cursor; see FeedLog.read."""
        found = await self.feeds.read(connection, feed, partition, after, limit)
        page, _ = await self.named(connection, feed, found)
        return page

    async def named(self, connection: Connection, feed: str, page: Page) -> tuple[Page, dict[UUID, str]]:
        """A page of this feed as it may be told; and under which name the reading of each contact and episode in it is
        written down."""
        told = [found for entry in page.entries if (found := announcement(entry))]
        about = {found.care for found in told if found.care}
        named = await repository.named(connection, about, self.today(), feed) if about else {}
        names = log_names(self.vault, (each.episode_id for each in named.values()))
        named = {each: of for each, of in named.items() if of.episode_id in names}
        kept = [self.kept(entry, named) for entry in page.entries]
        return replace(page, entries=kept), {each: names[of.episode_id] for each, of in named.items()}

    def kept(self, entry: Entry, named: dict[UUID, Named]) -> Entry:
        """The entry, without its body where it may not be told."""
        found = announcement(entry)
        if found is None or found.care is None or found.kind in ENDS:
            return entry
        of = named.get(found.care)
        may = of is not None and (self.paused or not of.paused)
        if of is not None and found.episode is not None:  # a consent that was renewed ends on another day
            may = may and str(of.ends_on) == found.ends_on
        return entry if may else replace(entry, body=None)


@dataclass(frozen=True)
class WatchedFeed:
    """The same, writing down who read of whom before a page is handed out."""

    told: ToldFeed
    caller: Caller

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read entries after a cursor; see FeedLog.read."""
        async with connection.transaction():
            page = await self.told.feeds.read(connection, feed, partition, after, limit)
            return await read_for(connection, self.told, [self.caller], feed, page)


async def read_for(connection: Connection, told: ToldFeed, callers: Sequence[Caller], feed: str, page: Page) -> Page:
    """A page as it may be told, written down for each of these callers."""
    shown, names = await told.named(connection, feed, page)
    found = [each for entry in shown.entries if (each := announcement(entry))]
    readings = await of_help(connection, found)
    for fields, about in ((WINDOW, {each.contact for each in found}), (ENDING, {each.episode for each in found})):
        read = sorted({names[each] for each in about if each in names})
        readings += [(Reading(name, fields), BASIS) for name in read]
    each_of = [(caller, reading, basis) for caller in callers for reading, basis in readings]
    await record_each(connection, each_of, action=ACTION)
    return shown


async def of_help(connection: Connection, told: Sequence[Announcement]) -> list[tuple[Reading, str]]:
    """Whose birth dates are read."""
    dated = {each.help for each in told if each.help and each.born_on}
    found = await people(connection, sorted(dated)) if dated else {}
    return [(Reading(child, ("birth_date",)), ASKED) for child, _ in found.values()]
