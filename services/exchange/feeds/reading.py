"""The one reader of departments' feeds: what no agreement in force grants any more, or no case stands for, is not read
by anybody.

Pull, streams, filtered pull, webhooks when they are sent, and the relay to Kafka all read here (protection rule 6).
"""

from dataclasses import replace
from typing import Final

from fastapi import Request

from services.exchange.agreements.current import CurrentAgreements, Standing
from services.exchange.feeds import repository
from services.exchange.feeds.guard import NONE, Guard, person_of
from services.exchange.feeds.names import department_of
from shared import clock
from shared.app import Service
from shared.db import Connection
from shared.feed.log import FeedLog
from shared.feed.values import Cursor, Page
from shared.sharing.authorities import Authorities

KEPT: Final = 32  # guards of one process: ten departments, and their last ones


class DepartmentFeeds:
    """Reads like a FeedLog. An entry of which nothing may be read is withheld; positions stay dense."""

    def __init__(self, feeds: FeedLog, agreements: CurrentAgreements) -> None:
        self.feeds, self.agreements = feeds, agreements
        self.guards: dict[tuple[str, object], tuple[Standing, Guard]] = {}

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read a department's feed as agreements and cases allow now. Raises FeedReset or NotFound, as FeedLog does.

        Agreements and cases are read after the entries: what ended while we read is not shown. One statement asks for
        the cases on all people of the page.
        """
        page = await self.feeds.read(connection, feed, partition, after, limit)
        people = [None if each.body is None else person_of(each.body) for each in page.entries]
        about = {person for person in people if person is not None}
        if not about:
            return page
        department = department_of(feed)
        guard = await self.guard(connection, department)
        ties = await repository.ties(
            connection, self.feeds.ring, department, about, clock.today(), everyone=guard.everyone
        )
        entries = [
            entry
            if entry.body is None or person is None
            else replace(entry, body=guard.shown(entry.body, ties.get(person, NONE)))
            for entry, person in zip(page.entries, people, strict=True)
        ]
        return replace(page, entries=entries)

    async def guard(self, connection: Connection, department: str) -> Guard:
        """The guard of this moment; made anew when an agreement changed, or the day."""
        standing, today = await self.agreements.standing(connection), clock.today()
        known = self.guards.get((department, today))
        if known is None or known[0] is not standing:
            if len(self.guards) >= KEPT:
                self.guards.clear()
            known = (standing, Guard.of(department, standing.now, standing.ever, today))
            self.guards[department, today] = known
        return known[1]


async def feeds_of(request: Request) -> DepartmentFeeds:
    """The dependency that hands a route the reader of this process."""
    feeds: DepartmentFeeds = request.app.state.department_feeds
    return feeds


def department_feeds(service: Service) -> DepartmentFeeds:
    """The reader of a process that is no API."""
    return DepartmentFeeds(service.feeds, CurrentAgreements(Authorities.load(service.settings.provisioning)))
