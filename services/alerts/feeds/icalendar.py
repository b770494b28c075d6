"""Write a calendar of all-day events by RFC 5545: CRLF, folded at 75 octets, UTF-8. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
OCTETS: Final = 75  # of a line, without its CRLF (3.1)
PRODUCT: Final = "-//Tenfold//care feeds//EN"


@dataclass(frozen=True)
class Event:
    """One day. `uid` is never another event's; `sequence` rises with each change, the last of which was `changed_at`.

    `cancelled`: there was something on this day, and there is nothing any more.
    """

    uid: str
    day: date
    summary: str
    sequence: int
    changed_at: datetime
    cancelled: bool = False


def calendar(name: str, url: str, events: Iterable[Event]) -> bytes:
    """The document. RFC 5545 asks for one event at least (3.6); readers ask again in an hour (RFC 7986, 5.7).

    `url` leads to the page from which every event is to be understood; it holds no character that URIs do not.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        *(line for event in events for line in lines_of(event, url)),
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def lines_of(event: Event, url: str) -> Iterator[str]:
    """The content lines of one event, unfolded. The end of a day is the next one (3.6.1: DTEND is exclusive).

    It blocks nobody's time (TRANSPARENT) and rings no bell: there is no alarm in it.
    """
    changed = f"{event.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{changed}"
    yield f"LAST-MODIFIED:{changed}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(event.summary)}"
    yield f"URL:{url}"
    yield f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """A TEXT value (3.3.11): line ends of any kind become one, other control characters have no form and go."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(each for each in plain if each in "\n\t" or (ord(each) >= 0x20 and ord(each) != 0x7F))
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> bytes:
    """A content line with its CRLF, no part longer than 75 octets and no character split (3.1)."""
    parts: list[bytes] = []
    part, room = bytearray(), OCTETS
    for each in line:
        octets = each.encode()
        if len(part) + len(octets) > room:
            parts.append(bytes(part))
            part, room = bytearray(), OCTETS - 1  # the space before a continued line counts
        part += octets
    return b"\r\n ".join([*parts, bytes(part)]) + b"\r\n"
