"""Reading a facility's feed writes down whose contacts were read, in the transaction of the read."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from services.alerts.registration_help.handlers import ASKED
from services.alerts.worklist import repository
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import Connection
from shared.feed.log import FeedLog
from shared.feed.values import Cursor, Entry, Page

ACTION = "feed"


class Announcement(msgspec.Struct, frozen=True):
    """The body of an entry, as contacts.handlers wrote it."""

    kind: str
    help: UUID
    born_on: str | None = None
    opened_on: str | None = None
    due_on: str | None = None


def announcement(entry: Entry) -> Announcement | None:
    """What an entry announces of help with registration; None where it was withheld, or is about a care contact."""
    if entry.body is None or b'"contact"' in entry.body:
        return None
    return msgspec.json.decode(entry.body, type=Announcement)


@dataclass(frozen=True)
class WatchedFeed:
    """A feed log that writes down who read which contact before it hands out a page."""

    feeds: FeedLog
    caller: Caller

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read entries after a cursor; see FeedLog.read."""
        async with connection.transaction():
            page = await self.feeds.read(connection, feed, partition, after, limit)
            told = [found for entry in page.entries if (found := announcement(entry))]
            people = await repository.people(connection, sorted({found.help for found in told}))
            dated = {found.help for found in told if found.born_on}
            readings = [Reading(child, ("birth_date",)) for help_id, (child, _) in people.items() if help_id in dated]
            await record(connection, self.caller, readings, action=ACTION, basis=ASKED)
        return page
