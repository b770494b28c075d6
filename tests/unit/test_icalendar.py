"""The calendar writer, read by another hand: the `icalendar` library unfolds and parses what we wrote."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from icalendar.parser import Contentlines

from services.alerts.feeds.icalendar import OCTETS, Event, calendar, escaped, folded

CHANGED = datetime(2026, 3, 16, 7, 0, tzinfo=timezone(timedelta(hours=8)))
# Surrogates have no UTF-8; U+0085, U+2028 and U+2029 are text to RFC 5545, and line ends only to careless readers.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
DAYS = st.dates(date(1971, 1, 1), date(2999, 12, 30))


def heard(text: str) -> str:
    """What may come back of a text: one kind of line end, and no control characters."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text.replace("\r\n", "\n").replace("\r", "\n"))


def read(document: bytes) -> Any:
    parsed = Calendar.from_ical(document)
    assert isinstance(parsed, Calendar)
    assert not parsed.errors
    for event in parsed.events:
        assert not event.errors
    return parsed


def test_a_line_of_75_octets_is_not_folded_and_one_of_76_is() -> None:
    assert folded("a" * 75) == b"a" * 75 + b"\r\n"
    assert folded("a" * 76) == b"a" * 75 + b"\r\n a\r\n"
    assert folded("a" * 74 + "王") == b"a" * 74 + "\r\n 王\r\n".encode()
    assert folded("") == b"\r\n"


@settings(deadline=None)
@given(TEXT)
def test_no_folded_line_is_too_long_and_none_splits_a_character(text: str) -> None:
    line = escaped(text)
    parts = folded(line).removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(part) <= OCTETS for part in parts)
    assert all(part.startswith(b" ") for part in parts[1:])
    assert "".join([parts[0].decode(), *(part.decode()[1:] for part in parts[1:])]) == line


@settings(deadline=None)
@given(TEXT)
def test_another_reader_unfolds_what_was_folded(text: str) -> None:
    line = f"SUMMARY:{escaped(text)}"
    unfold: Any = Contentlines.from_ical
    (found,) = [each for each in unfold(folded(line).decode()) if each]
    assert str(found) == line


@settings(deadline=None)
@given(TEXT, DAYS, st.integers(0, 10_000), st.booleans())
def test_another_reader_finds_what_was_written(summary: str, day: date, sequence: int, cancelled: bool) -> None:
    event = Event("day-1@tenfold", day, summary, sequence, CHANGED, cancelled)
    document = calendar("Tenfold", "https://care.example.cn/worklist", [event])
    parsed = read(document)
    (found,) = parsed.events
    assert str(found["SUMMARY"]) == heard(summary)
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (day, day + timedelta(days=1))
    assert found["SEQUENCE"] == sequence
    assert str(found["STATUS"]) == ("CANCELLED" if cancelled else "CONFIRMED")
    assert found["DTSTAMP"].dt == datetime(2026, 3, 15, 23, 0, tzinfo=UTC)
    assert str(found["URL"]) == "https://care.example.cn/worklist"


def test_every_line_ends_with_crlf_and_no_other_way() -> None:
    events = [Event(f"{n}@tenfold", date(2026, 3, n), "三项任务，" * 20, n, CHANGED) for n in range(1, 20)]
    document = calendar("一", "https://care.example.cn/worklist", events)
    assert document.endswith(b"END:VCALENDAR\r\n")
    assert document.count(b"\n") == document.count(b"\r\n") == document.count(b"\r")
    assert len({str(event["UID"]) for event in read(document).events}) == 19
