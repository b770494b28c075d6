"""What stands at a secret address: counts and a link. No name, no reference, no task and no clinical word. Pure."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.alerts.addresses.repository import ToldDigest
from services.alerts.addresses.rules import Day
from services.alerts.feeds.icalendar import Event, calendar
from services.alerts.feeds.json_feed import Item, JsonFeed, counted, say
from shared.sharing.words import Words

TITLE: Final = Words(zh="Tenfold · 任务数量", en="Tenfold · number of tasks")
OF_DAY: Final = Words(zh="{day}：今日 {today} 项", en="{day}: {today} today")
DUE: Final = Words(zh="Tenfold：{due} 项任务", en="Tenfold: {due} due")
DUE_AND_OVER: Final = Words(zh="Tenfold：{due} 项任务，逾期 {overdue} 项", en="Tenfold: {due} due, {overdue} overdue")


def feed(digests: Sequence[ToldDigest], base: str, language: str) -> JsonFeed:
    """The newest digests as JSON Feed 1.1. It names neither facility nor worker, nor its own address."""
    return JsonFeed(
        title=say(TITLE, language),
        home_page_url=f"{base}/worklist",
        language=language,
        items=[item(each, base, language) for each in digests],
    )


def item(digest: ToldDigest, base: str, language: str) -> Item:
    """One digest."""
    return Item(
        id=f"urn:uuid:{digest.entry_id}",
        url=f"{base}/worklist",
        title=say(OF_DAY, language).format(day=digest.day.isoformat(), today=digest.today),
        content_text=counted(digest.today, digest.overdue, digest.soon, language),
        date_published=digest.made_at.isoformat(timespec="milliseconds"),
        tags=["digest"],
        tenfold={
            "kind": "digest",
            "on": digest.day.isoformat(),
            "today": digest.today,
            "overdue": digest.overdue,
            "soon": digest.soon,
        },
    )


def calendar_of(days: Sequence[Day], address: UUID, base: str, language: str) -> bytes:
    """The calendar: one all-day event for each day that has, or had, something."""
    events = [
        Event(
            f"{address}-{each.day:%Y%m%d}@tenfold",
            each.day,
            say(DUE_AND_OVER if each.shown.overdue else DUE, language).format(
                due=each.shown.due, overdue=each.shown.overdue
            ),
            each.sequence,
            each.changed_at,
            each.cancelled,
        )
        for each in days
    ]
    return calendar(say(TITLE, language), f"{base}/worklist", events)
