"""Append to feeds and read them, in a service's own database."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import sealer, unseal
from shared.db import Connection
from shared.errors import NotFound
from shared.feed import heads
from shared.feed.values import Cursor, Entry, FeedReset, NewEntry, Page, Placed

KNOWN = """
SELECT feed, entry_id FROM feed_entry JOIN unnest($1::text[], $2::uuid[]) AS wanted(feed, entry_id)
 USING (feed, entry_id)
"""

INSERT = """
INSERT INTO feed_entry (feed, partition, position, entry_id, recorded_at, body)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::uuid[], $5::timestamptz[], $6::bytea[])
"""

HEAD = "SELECT epoch, position FROM feed_head WHERE feed = $1 AND partition = $2"

READ = """
SELECT position, entry_id, recorded_at, body FROM feed_entry
 WHERE feed = $1 AND partition = $2 AND position > $3 ORDER BY position LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry as it is stored: which feed it is for, and its body sealed."""

    feed: str
    partition: int
    entry_id: UUID
    body: bytes


class FeedLog:
    """The feeds of one service. Bodies are sealed under the ring's `key`, bound to feed and entry id."""

    def __init__(self, ring: KeyRing, key: str = "feed") -> None:
        self.ring, self.key = ring, key

    async def append(self, connection: Connection, feed: str, rows: Sequence[NewEntry]) -> int:
        """Append to one feed; see append_all."""
        return await self.append_all(connection, {feed: rows})

    async def append_all(
        self,
        connection: Connection,
        rows: Mapping[str, Sequence[NewEntry]],
        locked: Collection[tuple[str, int]] = (),
    ) -> int:
        """Append to several feeds inside the caller's transaction, late in it. Returns how many were new.

        Heads are locked before known entries are dropped and numbers are taken: dropping afterwards leaves a hole.
        `locked`: those that this transaction has locked already, by feed and partition.
        """
        return len(await self.place_all(connection, rows, locked))

    async def place_all(
        self,
        connection: Connection,
        rows: Mapping[str, Sequence[NewEntry]],
        locked: Collection[tuple[str, int]] = (),
    ) -> list[Placed]:
        """As append_all; gives the new entries with their places."""
        return await self.place(connection, self.sealed(rows), locked)

    def sealed(self, rows: Mapping[str, Sequence[NewEntry]]) -> list[Sealed]:
        """Entries as they are stored: ready before any head is locked."""
        sealed = sealer(self.ring, self.key, sum(map(len, rows.values())))
        return [
            Sealed(feed, row.partition, row.entry_id, sealed(row.body, context(feed, row.entry_id)))
            for feed, entries in rows.items()
            for row in entries
        ]

    async def place(
        self, connection: Connection, rows: Sequence[Sealed], locked: Collection[tuple[str, int]] = ()
    ) -> list[Placed]:
        """As place_all, of what `sealed` has made ready."""
        wanted = {(row.feed, row.partition) for row in rows}
        if not wanted:
            return []
        if not wanted.issubset(locked):
            await heads.lock(connection, sorted(wanted))
        feeds, ids = [row.feed for row in rows], [row.entry_id for row in rows]
        seen = {(r["feed"], r["entry_id"]) for r in await connection.fetch(KNOWN, feeds, ids)}
        fresh: list[Sealed] = []
        for row in rows:
            if (row.feed, row.entry_id) not in seen:
                seen.add((row.feed, row.entry_id))
                fresh.append(row)
        if not fresh:
            return []
        taken = await heads.reserve(connection, Counter((row.feed, row.partition) for row in fresh))
        following = {key: reserved.before for key, reserved in taken.items()}
        columns: list[tuple[str, int, int, UUID, object, bytes]] = []
        placed: list[Placed] = []
        for row in fresh:
            key = (row.feed, row.partition)
            following[key] += 1
            columns.append((*key, following[key], row.entry_id, taken[key].recorded_at, row.body))
            placed.append(Placed(row.entry_id, taken[key].epoch, following[key]))
        await connection.execute(INSERT, *map(list, zip(*columns, strict=True)))
        return placed

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read up to `limit` entries after a cursor (None: from the beginning).

        Raises FeedReset for a cursor of another epoch or beyond the head, NotFound for an unknown partition.
        """
        epoch, position = await head(connection, feed, partition)
        start = start_of(after, epoch, position)
        rows = await connection.fetch(READ, feed, partition, start, limit) if start < position else []
        entries = [
            Entry(
                row["position"],
                row["entry_id"],
                row["recorded_at"],
                None
                if row["body"] is None
                else unseal(self.ring, self.key, row["body"], context(feed, row["entry_id"])),
            )
            for row in rows
        ]
        return Page(epoch, max(position, entries[-1].position if entries else 0), entries, start)


def context(feed: str, entry_id: UUID) -> bytes:
    """Bind a sealed body to its place: it cannot be moved to another feed or entry."""
    return feed.encode() + entry_id.bytes


async def head(connection: Connection, feed: str, partition: int) -> tuple[UUID, int]:
    """Give epoch and newest position. Raises NotFound where there is no such partition."""
    row = await connection.fetchrow(HEAD, feed, partition)
    if row is None:
        raise NotFound
    return row["epoch"], row["position"]


def start_of(after: Cursor | None, epoch: UUID, position: int) -> int:
    """Judge a reader's cursor against the head: never a silent wait for a log that is gone."""
    if after is None:
        return 0
    if after.epoch != epoch or after.position > position:
        raise FeedReset(epoch)
    return after.position
