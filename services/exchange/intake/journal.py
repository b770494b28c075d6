"""The journal: accept judged events once and for ever, and read them as the feed `vital-events`. All its SQL."""

import hmac
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal
from uuid import UUID

import asyncpg

from shared.contracts.judge import Judged
from shared.crypto.blind import blind_index
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal
from shared.db import Connection, Pool, transaction
from shared.feed import heads
from shared.feed.log import head, start_of
from shared.feed.values import Cursor, Entry, Page

FEED = "vital-events"
ORDINARY = 4  # partitions by person
BULK = ORDINARY  # the lane of bulk corrections, beside them: nothing else waits behind a load of these
PARTITIONS = ORDINARY + 1
KEY = "journal"
REPORTED_ONCE = "journal_reported_once"

KNOWN = """
SELECT j.source, j.id, j.digest, j.receipt FROM journal j
  JOIN unnest($1::text[], $2::text[]) AS reported(source, id) USING (source, id)
"""

INSERT = """
INSERT INTO journal (partition, position, receipt, recorded_at, department, type, source, id, batch, digest, body, raw,
                     time, supersedes_source, supersedes_id)
SELECT partition, position, uuidv7(), recorded_at, department, type, source, id, batch, digest, body, raw,
       time, supersedes_source, supersedes_id
  FROM unnest($1::smallint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
              $8::text[], $9::bytea[], $10::bytea[], $11::bytea[], $12::timestamptz[], $13::text[], $14::text[])
       AS new(partition, position, recorded_at, department, type, source, id, batch, digest, body, raw, time,
              supersedes_source, supersedes_id)
RETURNING source, id, receipt
"""

READ = """
SELECT position, receipt, recorded_at, department, source, id, batch, body FROM journal
 WHERE partition = $1 AND position > $2 ORDER BY position LIMIT $3
"""

# Each department's rows without a time stand together in the index by department and time.
NOT_DATED = """
SELECT j.receipt, j.source, j.id, j.body FROM unnest($1::text[]) AS d(department) CROSS JOIN LATERAL (
  SELECT receipt, source, id, body FROM journal
   WHERE department = d.department AND time IS NULL LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED) AS j
 LIMIT $2
"""
DATE = """
UPDATE journal j SET time = d.time, supersedes_source = d.source, supersedes_id = d.id
  FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) AS d(receipt, time, source, id)
 WHERE j.receipt = d.receipt
"""

Key = tuple[str, str]


def keyed(ring: KeyRing, digest: bytes, kid: str) -> bytes:
    """A plain digest under that key, after the key's id."""
    return kid.encode() + b"." + hmac.digest(ring.get("digest", kid), digest, sha256)


def keyed_digest(ring: KeyRing, digest: bytes, stored: bytes) -> bytes:
    """A plain digest under the key of a stored one, to be compared with that."""
    return keyed(ring, digest, stored.partition(b".")[0].decode())


@dataclass(frozen=True)
class Report:
    """A judged event with its reporter and its bytes as sent."""

    judged: Judged
    department: str
    raw: bytes

    @property
    def key(self) -> Key:
        """Source and id: one event for ever."""
        return self.judged.envelope.source, self.judged.envelope.id


@dataclass(frozen=True)
class Accepted:
    """What the journal says of a report: new, known with the same content, or known with other content."""

    verdict: Literal["new", "known", "differs"]
    receipt: UUID | None


class Journal:
    """The exchange's journal, one per process."""

    def __init__(self, pool: Pool, ring: KeyRing) -> None:
        self.pool, self.ring = pool, ring

    def partition_of(self, report: Report) -> int:
        """The lane of bulk corrections; else a keyed index of the main person's first identifier, or of an empty
        dwelling's number."""
        if report.judged.envelope.batchid is not None:
            return BULK
        key = report.judged.entry.key_of(report.judged.data)
        return blind_index(self.ring, "partition", *key)[0] % ORDINARY

    def digest_of(self, report: Report, kid: str | None = None) -> bytes:
        """Keyed digest, after its key's id: the content has too little entropy for a plain hash (protection rule 7)."""
        kid = kid or self.ring.current("digest")[0]
        return keyed(self.ring, report.judged.digest, kid)

    def same(self, digest: bytes, report: Report) -> bool:
        """Whether a stored digest, under whichever key it was made, is that of this report's content."""
        return hmac.compare_digest(digest, self.digest_of(report, digest.partition(b".")[0].decode()))

    async def accept(self, reports: Sequence[Report]) -> list[Accepted]:
        """Commit the new ones among `reports`, in one transaction; answers in order. Any error: nothing is accepted."""
        while True:
            try:
                async with transaction(self.pool) as connection:
                    return await self.append(connection, reports)
            except asyncpg.UniqueViolationError as taken:
                # Another writer took the same id in another partition meanwhile: now it is known. Any other
                # constraint would be broken again and again.
                if taken.constraint_name != REPORTED_ONCE:
                    raise

    async def append(self, connection: Connection, reports: Sequence[Report]) -> list[Accepted]:
        """Append inside a transaction: heads locked, known ones dropped, then numbers taken."""
        partitions = [self.partition_of(report) for report in reports]
        await heads.lock(connection, [(FEED, partition) for partition in partitions])
        keys = [report.key for report in reports]
        rows = await connection.fetch(KNOWN, [source for source, _ in keys], [id_ for _, id_ in keys])
        known: dict[Key, tuple[bytes, UUID | None]] = {
            (r["source"], r["id"]): (r["digest"], r["receipt"]) for r in rows
        }
        answers: list[tuple[Key, Literal["new", "known", "differs"]]] = []
        fresh: list[tuple[int, Report, bytes]] = []
        for partition, report in zip(partitions, reports, strict=True):
            before = known.get(report.key)
            if before is None:
                digest = self.digest_of(report)
                known[report.key] = (digest, None)
                fresh.append((partition, report, digest))
                answers.append((report.key, "new"))
            else:
                answers.append((report.key, "known" if self.same(before[0], report) else "differs"))
        receipts = await self.insert(connection, fresh) if fresh else {}
        return [
            Accepted(verdict, None if verdict == "differs" else receipts.get(key) or known[key][1])
            for key, verdict in answers
        ]

    async def insert(self, connection: Connection, fresh: Sequence[tuple[int, Report, bytes]]) -> dict[Key, UUID]:
        """Number and insert; returns the receipts."""
        taken = await heads.reserve(connection, Counter((FEED, partition) for partition, _, _ in fresh))
        following = {partition: reserved.before for (_, partition), reserved in taken.items()}
        columns = []
        for partition, report, digest in fresh:
            following[partition] += 1
            envelope, place = report.judged.envelope, "\n".join(report.key).encode()
            supersedes = report.judged.data.supersedes
            columns.append(
                (
                    partition,
                    following[partition],
                    taken[FEED, partition].recorded_at,
                    report.department,
                    report.judged.entry.name,
                    envelope.source,
                    envelope.id,
                    envelope.batchid,
                    digest,
                    seal(self.ring, KEY, report.judged.canonical, place),
                    seal(self.ring, KEY, report.raw, place),
                    envelope.time,
                    supersedes and supersedes.source,
                    supersedes and supersedes.id,
                )
            )
        rows = await connection.fetch(INSERT, *map(list, zip(*columns, strict=True)))
        return {(row["source"], row["id"]): row["receipt"] for row in rows}

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read accepted events as feed entries, entry id = receipt: `{"department", "event"}`, with `batch` for one of
        a bulk load. Raises FeedReset."""
        epoch, position = await head(connection, feed, partition)
        start = start_of(after, epoch, position)
        rows = await connection.fetch(READ, partition, start, limit) if start < position else []
        entries = [
            Entry(
                row["position"],
                row["receipt"],
                row["recorded_at"],
                entry_body(
                    row["department"],
                    row["batch"],
                    unseal(self.ring, KEY, row["body"], f"{row['source']}\n{row['id']}".encode()),
                ),
            )
            for row in rows
        ]
        return Page(epoch, max(position, entries[-1].position if entries else 0), entries, start)


def entry_body(department: str, batch: str | None, event: bytes) -> bytes:
    """What an entry of `vital-events` says, around the canonical event. A batch id needs no escaping (BATCH_ID)."""
    if batch is None:
        return b'{"department":"%s","event":%s}' % (department.encode(), event)
    return b'{"department":"%s","batch":"%s","event":%s}' % (department.encode(), batch.encode(), event)
