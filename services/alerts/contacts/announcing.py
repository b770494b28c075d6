"""What a facility's feed says of care contacts: ids, a kind and dates. Names and reasons are opened when it is read."""

import os
from collections.abc import Iterable
from datetime import date
from typing import Protocol
from uuid import UUID

from services.alerts.contacts.rules import Kind
from shared.feed.values import NewEntry

VARIANT = 0b10 << 62  # RFC 9562; the version is the contact's own
OVER = 1 << 61  # of entries that say no more than that a contact is over
WITH_WINDOW = frozenset({Kind.OPENED, Kind.OVERDUE, Kind.MISSED, Kind.MOVED_HERE})


class Windowed(Protocol):
    """A contact with its window."""

    @property
    def contact_id(self) -> UUID: ...
    @property
    def opens_on(self) -> date: ...
    @property
    def due_on(self) -> date: ...
    @property
    def closes_on(self) -> date: ...


def feed_of(facility: str) -> str:
    """The name of a facility's feed; that of help with birth registration."""
    return f"facility:{facility}"


def entry_id(contact_id: UUID, *, over: bool = False) -> UUID:
    """A fresh id that begins with the contact's first eight bytes: by them a withdrawal finds all that was announced of
    a contact in any feed, without a table that tells who was announced where. `over`: it has no window to withhold."""
    rest = VARIANT | (OVER if over else 0) | int.from_bytes(os.urandom(8)) >> 3
    return UUID(int=contact_id.int >> 64 << 64 | rest)


def ids_of(contact_id: UUID) -> tuple[UUID, UUID, UUID]:
    """The lowest id that an entry about the contact can have, the highest of one with its window, and the highest."""
    head = contact_id.int >> 64 << 64
    return UUID(int=head), UUID(int=head | VARIANT | OVER - 1), UUID(int=head | (1 << 64) - 1)


def entry(contact: Windowed, kind: Kind, on: date) -> NewEntry:
    """One entry: what became of the contact, on which day, and its window while there is something to do."""
    told = words(kind, on, contact.opens_on, contact.due_on, contact.closes_on)
    return named(contact.contact_id, told, over=kind not in WITH_WINDOW)


def named(contact_id: UUID, told: tuple[str, str], *, over: bool = False) -> NewEntry:
    """An entry of these words about a contact."""
    return NewEntry(entry_id(contact_id, over=over), f"{told[0]}{contact_id}{told[1]}".encode())


def words(kind: Kind, on: date, opens_on: date, due_on: date, closes_on: date) -> tuple[str, str]:
    """What an entry says before and after it names its contact: the same for all that have the window."""
    window = f',"opens_on":"{opens_on}","due_on":"{due_on}","closes_on":"{closes_on}"' if kind in WITH_WINDOW else ""
    return f'{{"kind":"{kind.value}","contact":"', f'","on":"{on}"{window}}}'


def gathered(told: Iterable[tuple[str, NewEntry]]) -> dict[str, list[NewEntry]]:
    """Entries by feed, in their order."""
    feeds: dict[str, list[NewEntry]] = {}
    for facility, each in told:
        feeds.setdefault(feed_of(facility), []).append(each)
    return feeds
