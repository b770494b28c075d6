"""Calendars at secret addresses, read by another library: all-day events whose sequence rises, cancelled when empty."""

from datetime import date, timedelta

from services.alerts.addresses.rules import Day, changed, following
from services.alerts.counts.repository import OnDay
from shared import clock
from tests.channels_world import Channels

pytest_plugins = ["tests.alerts"]


async def test_each_day_with_tasks_is_an_all_day_event_and_what_is_overdue_stands_on_today(channels: Channels) -> None:
    cared = channels.cared
    episode = await cared.enrolled()
    url = (await channels.address("calendar", language="en"))["url"]
    due = {each["due_on"] for each in await cared.contacts(episode, "planned", "open")}
    ahead = cared.today + timedelta(days=60)
    events = {event["DTSTART"].dt: event for event in (await channels.calendar(url)).values()}
    confirmed = {day for day, event in events.items() if str(event["STATUS"]) == "CONFIRMED"}
    assert confirmed == {date.fromisoformat(day) for day in due if date.fromisoformat(day) <= ahead}
    assert confirmed
    for day, event in events.items():
        assert event["DTEND"].dt == day + timedelta(days=1)
        assert (str(event["TRANSP"]), event["SEQUENCE"]) == ("TRANSPARENT", 0)
        assert str(event["URL"]).endswith("/worklist")
    assert {str(events[day]["SUMMARY"]) for day in confirmed} == {"Tenfold: 1 due"}


async def test_a_day_that_changes_keeps_its_uid_and_raises_its_sequence_and_an_empty_one_is_cancelled(
    channels: Channels,
) -> None:
    cared = channels.cared
    first = await cared.enrolled()
    url = (await channels.address("calendar", language="en"))["url"]
    before = await channels.calendar(url)
    assert await channels.calendar(url) == before, "nothing happened"
    second = await cared.enrolled()
    doubled = await channels.calendar(url)
    assert doubled.keys() == before.keys()
    for uid, event in doubled.items():
        if str(event["STATUS"]) == "CONFIRMED":
            assert (str(event["SUMMARY"]), event["SEQUENCE"]) == ("Tenfold: 2 due", before[uid]["SEQUENCE"] + 1)
    for episode in (first, second):
        assert (await cared.act(episode, "pause", {})).status_code < 300
    emptied = await channels.calendar(url)
    assert emptied.keys() == before.keys()
    assert {str(event["STATUS"]) for event in emptied.values()} == {"CANCELLED"}
    for uid, event in emptied.items():
        assert event["SEQUENCE"] >= doubled[uid]["SEQUENCE"]
        assert event["DTSTAMP"].dt >= before[uid]["DTSTAMP"].dt


async def test_past_days_go_and_what_was_due_stands_on_today_as_overdue(channels: Channels) -> None:
    cared = channels.cared
    episode = await cared.enrolled()
    url = (await channels.address("calendar", language="en"))["url"]
    contact, *_ = await cared.contacts(episode, "open")
    await channels.calendar(url)
    due, closes = date.fromisoformat(contact["due_on"]), date.fromisoformat(contact["closes_on"])
    await cared.on(due + timedelta(days=1))
    events = {event["DTSTART"].dt: event for event in (await channels.calendar(url)).values()}
    assert min(events) == cared.today
    assert ("overdue" in str(events[cared.today]["SUMMARY"])) == (due < closes)


def test_a_calendar_is_never_without_an_event() -> None:
    today, now = date(2026, 3, 1), clock.now()
    (only,) = following({}, {}, today, now)
    assert (only.day, only.cancelled, only.sequence) == (today, True, 0)


def test_days_that_stay_the_same_stay_word_for_word() -> None:
    today, now = date(2026, 3, 1), clock.now()
    known = Day(today, OnDay(2, 1), 4, now)
    assert changed(known, today, OnDay(2, 1), now + timedelta(hours=1)) is known
    next_ = changed(known, today, OnDay(0, 0), now + timedelta(hours=1))
    assert (next_.sequence, next_.cancelled, next_.changed_at) == (5, True, now + timedelta(hours=1))
    past = {today - timedelta(days=1): Day(today - timedelta(days=1), OnDay(1, 0), 0, now), today: known}
    assert [each.day for each in following(past, {today: OnDay(2, 1)}, today, now)] == [today]
