"""What each department holds of each person, while a page of what the registry tells is taken. Pure.

`holds` is the fold of the department's feed, exactly as a reader folds it (shared/contracts/holding.py). `given` is
what it was told besides, by look-up, or had to forget since: who had a wrong value hears of it all the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.exchange.cases.standing import Key
from shared.feed.values import Placed

FEED, LOOK_UP = "feed", "look-up"


@dataclass
class Row:
    """One department on one person. `given`: value and when it was given."""

    told_at: datetime
    how: str = FEED
    as_of: datetime | None = None
    epoch: UUID | None = None
    position: int | None = None
    holds: dict[str, object] = field(default_factory=dict, repr=False)
    given: dict[str, tuple[object, datetime]] = field(default_factory=dict, repr=False)
    registered: bool = False


@dataclass
class Ledger:
    """The rows that a page speaks of, as they stand and as they change."""

    rows: dict[Key, Row]
    changed: set[Key] = field(default_factory=set)
    entries: dict[UUID, Key] = field(default_factory=dict)

    def holds(self, key: Key) -> Mapping[str, object]:
        """What a reader of the department's feed holds."""
        row = self.rows.get(key)
        return row.holds if row else {}

    def past(self, key: Key, at: datetime) -> bool:
        """Whether this was told before what the row has: a feed that is read again tells the past."""
        row = self.rows.get(key)
        return row is not None and row.as_of is not None and at < row.as_of

    def news(self, key: Key, shown: Mapping[str, object], *, everything: bool) -> dict[str, object]:
        """What a department is to be told of what it may be shown: what it holds otherwise, or all that is known."""
        held = self.holds(key)
        return {
            name: value
            for name, value in shown.items()
            if held.get(name) != value or (everything and value is not None)
        }

    def wrong(self, key: Key, values: Mapping[str, object], at: datetime) -> list[str]:
        """The fields of which the department was given another value before that moment."""
        row = self.rows.get(key)
        if row is None:
            return []
        found = []
        for name, value in values.items():
            given, since = row.given.get(name, (None, at))
            if row.holds.get(name, value) != value or (given not in (None, value) and since < at):
                found.append(name)
        return found

    def note(self, key: Key, registered: bool) -> None:
        """Whether the person stands in the household register now: snapshots are cut by it, also without news."""
        row = self.rows.get(key)
        if row is not None and row.registered != registered:
            row.registered = registered
            self.changed.add(key)

    def tell(self, entry: UUID, key: Key, at: datetime, fields: Mapping[str, object]) -> None:
        """An entry of the feed sets these fields; null takes one away."""
        row = self.row(key, at)
        row.how, row.told_at, row.as_of = FEED, max(row.told_at, at), at
        row.holds = {name: value for name, value in (row.holds | dict(fields)).items() if value is not None}
        self.entries[entry] = key

    def correct(self, entry: UUID, key: Key, at: datetime, fields: Mapping[str, object]) -> None:
        """The department is told what is right, or (null) that nothing is: what it was given besides is settled."""
        self.tell(entry, key, at, fields)
        for name in fields:
            self.rows[key].given.pop(name, None)

    def looked_up(self, key: Key, at: datetime, fields: Mapping[str, object]) -> None:
        """A look-up gave these fields; the newest counts."""
        row = self.row(key, at)
        if at >= row.told_at:
            row.how, row.told_at = LOOK_UP, at
        for name, value in fields.items():
            if value is not None and at >= row.given.get(name, (None, at))[1]:
                row.given[name] = (value, at)

    def merge(self, before: Key, into: Key, at: datetime) -> None:
        """Two are one: a reader forgets the old reference. What was given under it was given of the other."""
        old = self.rows.get(before)
        if old is None or self.past(before, at):
            return
        new = self.row(into, at)
        kept = old.given | {name: (value, old.told_at) for name, value in old.holds.items()}
        new.given = kept | new.given
        self.rows[before] = Row(at, as_of=at)
        self.changed.add(before)

    def forget(self, entry: UUID, key: Key, at: datetime) -> dict[str, object]:
        """The reader forgets the person; gives what it held."""
        if key not in self.rows or self.past(key, at):
            return {}
        row = self.row(key, at)
        held = row.holds
        row.given = {name: (value, row.told_at) for name, value in held.items()} | row.given
        row.holds, row.as_of = {}, at
        self.entries[entry] = key
        return held

    def row(self, key: Key, at: datetime) -> Row:
        """The row to be changed; a new one where there is none."""
        self.changed.add(key)
        return self.rows.setdefault(key, Row(at))

    def place(self, placed: Iterable[Placed]) -> None:
        """Note where new entries came to stand; those that the feed knew already stand where they stood."""
        for each in placed:
            if (key := self.entries.get(each.entry_id)) is not None:
                self.rows[key].epoch, self.rows[key].position = each.epoch, each.position
