"""Use case: read a facility's newest announcements, with names where the facility may see them now."""

from services.alerts.contacts.handlers import shown
from services.alerts.facilities.streams import Listening
from services.alerts.feeds import json_feed
from services.alerts.feeds.announced import announcement
from services.alerts.feeds.json_feed import JsonFeed
from services.alerts.feeds.reading import ACTION, WatchedFeed
from services.alerts.registration_help.handlers import facility_feed
from services.alerts.state import Alerts
from services.alerts.worklist import helps, repository
from shared.auth.caller import Caller
from shared.db import transaction
from shared.feed.http import Read
from shared.feed.log import head
from shared.feed.values import Cursor, FeedReset, Page


def watched(alerts: Alerts, caller: Caller) -> WatchedFeed:
    """A facility's feed for its staff, each reading written down."""
    return WatchedFeed(alerts.together.told, caller)


def listening(alerts: Alerts, caller: Caller) -> tuple[Read, Listening]:
    """How the caller reads their facility's feed while others do, and whether they still may."""
    feed, reader = facility_feed(caller.facility or ""), alerts.streams.listening(caller)

    async def read(after: Cursor | None, limit: int) -> Page:
        return await alerts.together.read(reader, feed, after, limit)

    return read, reader


async def newest(alerts: Alerts, caller: Caller, before: Cursor | None, limit: int, language: str) -> JsonFeed:
    """The entries before a cursor, newest first. Positions are dense, so a page is found by counting back.

    Raises FeedReset for a cursor of another epoch.
    """
    code = caller.facility or ""
    feed, facility = facility_feed(code), alerts.facilities.get(code)
    source = watched(alerts, caller)
    async with transaction(alerts.service.pool) as connection:
        epoch, position = await head(connection, feed, 0)
        if before is not None and (before.epoch != epoch or before.position > position + 1):
            raise FeedReset(epoch)
        end = position if before is None else before.position - 1
        start = max(0, end - limit)
        page = await source.read(connection, feed, 0, Cursor(epoch, start), end - start) if end > start else None
        told = [(entry, found) for entry in (page.entries if page else ()) if (found := announcement(entry))]
        rows = await repository.some(connection, code, sorted({each.help for _, each in told if each.help}))
        await helps.note(connection, caller, rows, ACTION)
        contacts = sorted({each.contact for _, each in told if each.contact})
        care = await shown(connection, alerts.care, caller, contacts, ACTION)
    tasks = {row.help_id: helps.task(alerts, row) for row in rows}
    people = {task.contact_id: task.name for task in care}
    base = alerts.service.settings.alerts_url
    name = (facility.zh if language == "zh-CN" else facility.en) if facility else code
    return JsonFeed(
        title=f"Tenfold · {name}",
        home_page_url=f"{base}/worklist",
        feed_url=f"{base}/v1/feed.json",
        language=language,
        next_url=f"{base}/v1/feed.json?before={epoch}:{start + 1}&limit={limit}" if start else None,
        items=[json_feed.item(entry, found, tasks, people, base, language) for entry, found in reversed(told)],
    )
