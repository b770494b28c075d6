"""What a department's programme must not forget: reports until they are settled, its place in the feed, what it has
handled, what it still has to acknowledge. One SQLite file, readable by its owner only."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from uuid import UUID

TABLES = """
CREATE TABLE IF NOT EXISTS report (
  number INTEGER PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL, cloud_event TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'accepted', 'held', 'applied', 'rejected', 'refused')),
  receipt TEXT, answer TEXT, seen INTEGER NOT NULL DEFAULT 0, UNIQUE (source, id));
CREATE INDEX IF NOT EXISTS report_by_state ON report (state, number);
CREATE INDEX IF NOT EXISTS report_by_receipt ON report (receipt);
CREATE TABLE IF NOT EXISTS place (feed TEXT PRIMARY KEY, after TEXT);
CREATE TABLE IF NOT EXISTS handled (entry TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS to_acknowledge (entry TEXT PRIMARY KEY) WITHOUT ROWID;
"""

State = Literal["waiting", "accepted", "held", "applied", "rejected", "refused"]
REBUILT = "rebuilt"  # stands beside the places: the feed whose head is to be reached once more
SETTLED = ("applied", "rejected", "refused")


class OtherContent(ValueError):
    """This source and id were reported before with other content. An id says one thing, for ever."""


@dataclass(frozen=True)
class Report:
    """How one report stands. `answer`: the problem of a refused one, or reason, decider and due of a held one."""

    source: str
    id: str
    state: State
    receipt: str | None
    answer: Mapping[str, Any] | None

    @property
    def settled(self) -> bool:
        """Nothing more will become of it by itself."""
        return self.state in SETTLED


class Store:
    """The file. One process at a time; calls are short and synchronous, each durable when it returns."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))  # CloudEvents name people
        self.file = sqlite3.connect(path, isolation_level=None)
        self.file.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    @contextmanager
    def together(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, durable. Inside another one: part of that."""
        if self.file.in_transaction:
            yield self.file
            return
        self.file.execute("BEGIN IMMEDIATE")
        try:
            yield self.file
        except BaseException:
            self.file.execute("ROLLBACK")
            raise
        self.file.execute("COMMIT")

    def keep(self, cloud_events: Iterable[Mapping[str, Any]]) -> None:
        """Keep reports until they are settled; a repeat changes nothing. Raises OtherContent, and keeps none then."""
        with self.together() as file:
            for cloud_event in cloud_events:
                text = json.dumps(cloud_event, ensure_ascii=False, sort_keys=True)
                key = (cloud_event["source"], cloud_event["id"])
                file.execute("INSERT OR IGNORE INTO report (source, id, cloud_event) VALUES (?, ?, ?)", (*key, text))
                (kept,) = file.execute("SELECT cloud_event FROM report WHERE source = ? AND id = ?", key).fetchone()
                if kept != text:
                    raise OtherContent

    def waiting(self, most: int) -> list[tuple[int, dict[str, Any]]]:
        """What is to be sent, oldest first: number and CloudEvent."""
        rows = self.file.execute(
            "SELECT number, cloud_event FROM report WHERE state = 'waiting' ORDER BY number LIMIT ?", (most,)
        )
        return [(number, json.loads(text)) for number, text in rows]

    def answered(self, results: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        """Note what the exchange said to each: a receipt, or the problem it was refused with."""
        with self.together() as file:
            for number, result in results:
                receipt = result.get("receipt")
                if receipt is not None:
                    # The feed may have been quicker: then it is settled already.
                    file.execute(
                        "UPDATE report SET state = 'accepted', receipt = ? WHERE number = ? AND state = 'waiting'",
                        (receipt, number),
                    )
                else:
                    answer = json.dumps(result, ensure_ascii=False)
                    file.execute("UPDATE report SET state = 'refused', answer = ? WHERE number = ?", (answer, number))

    def report(self, source: str, id_: str) -> Report | None:
        """How a report stands; None for one that was never kept here."""
        found = self.file.execute(
            "SELECT state, receipt, answer FROM report WHERE source = ? AND id = ?", (source, id_)
        ).fetchone()
        if found is None:
            return None
        state, receipt, answer = found
        return Report(source, id_, state, receipt, answer and json.loads(answer))

    def counts(self) -> dict[str, int]:
        """How many reports stand how."""
        return dict(self.file.execute("SELECT state, count(*) FROM report GROUP BY state"))

    def place(self, feed: str) -> str | None:
        """The cursor behind what was handled."""
        found = self.file.execute("SELECT after FROM place WHERE feed = ?", (feed,)).fetchone()
        return None if found is None else found[0]

    def move(self, feed: str, after: str | None) -> None:
        """Note the cursor. Inside the transaction of what it lies behind."""
        self.file.execute("INSERT OR REPLACE INTO place (feed, after) VALUES (?, ?)", (feed, after))

    def is_fresh(self, entry: UUID) -> bool:
        """Note an entry as handled; False if it was before. Inside the transaction of its effects."""
        return self.file.execute("INSERT OR IGNORE INTO handled (entry) VALUES (?)", (str(entry),)).rowcount == 1

    def settle(self, receipt_changed: Mapping[str, Any]) -> None:
        """Note what became of a report, as the feed says."""
        answer = {name: receipt_changed[name] for name in ("reason", "decider", "due") if name in receipt_changed}
        self.file.execute(
            "UPDATE report SET state = ?, receipt = ?, answer = ?, seen = 1 WHERE source = ? AND id = ?",
            (
                receipt_changed["status"],
                receipt_changed["receipt"],
                json.dumps(answer, ensure_ascii=False),
                receipt_changed["source"],
                receipt_changed["id"],
            ),
        )

    def begin_again(self, feed: str) -> None:
        """The feed was rebuilt: read it from the beginning. Which receipts it still knows shows at its head."""
        with self.together() as file:
            self.move(feed, None)
            self.move(REBUILT, feed)
            file.execute("UPDATE report SET seen = 0")

    def at_head(self) -> bool:
        """The head of a feed that was rebuilt is reached: what it says nothing of is reported again. An exchange that
        was restored from a backup may have lost it; if it has not, a repeat gets the same receipt. Whether any is."""
        if self.place(REBUILT) is None:
            return False
        with self.together() as file:
            self.move(REBUILT, None)
            missing = "UPDATE report SET state = 'waiting' WHERE receipt IS NOT NULL AND seen = 0"
            return file.execute(missing).rowcount > 0

    def owe(self, entry: UUID) -> None:
        """Note that an entry is to be acknowledged. Inside the transaction of its effects."""
        self.file.execute("INSERT OR IGNORE INTO to_acknowledge (entry) VALUES (?)", (str(entry),))

    def owed(self, most: int) -> list[str]:
        """Entries to acknowledge."""
        return [entry for (entry,) in self.file.execute("SELECT entry FROM to_acknowledge LIMIT ?", (most,))]

    def acknowledged(self, entries: Iterable[str]) -> None:
        """They are acknowledged."""
        with self.together() as file:
            file.executemany("DELETE FROM to_acknowledge WHERE entry = ?", [(entry,) for entry in entries])
