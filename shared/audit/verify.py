"""Reads the whole access log against its seals and says what was changed. Nothing it finds quotes what a row says."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from shared.audit import repository
from shared.audit.chain import BEGINNING, FIRST, Leaf, Place, Row, head, leaf, root
from shared.audit.checkpoint import Checkpoint, Forged, PublicKey, read
from shared.db import Connection, Pool

What = Literal[
    "row-changed",
    "row-deleted",
    "row-inserted",
    "row-from-the-future",
    "seal-changed",
    "seal-deleted",
    "checkpoint-forged",
    "kept-checkpoint-forged",
    "kept-checkpoint-differs",
    "tail-deleted",
]
SEALS_AT_ONCE: Final = 50


@dataclass(frozen=True)
class Fault:
    """Something is not as it was sealed: what, in which seal, and which row, where it is about one."""

    what: What
    seal: int
    row: UUID | None = None


@dataclass
class Verdict:
    """What was read, and what was found wrong with it. `waiting`: what no seal holds yet, which is no fault."""

    seals: int = 0
    rows: int = 0
    faults: list[Fault] = field(default_factory=list)
    waiting: repository.Waiting = field(default_factory=lambda: repository.Waiting(0, None, 0))


Progress = Callable[[int], None]
"""Told how many rows were read since it was told last."""


@dataclass
class Verification:
    """One reading of one service's log, as of one moment."""

    service: str
    public_key: PublicKey
    kept: Sequence[str] = ()
    progress: Progress = lambda _: None

    async def run(self, pool: Pool) -> Verdict:
        """Read everything. Rows that are written meanwhile are not seen."""
        verdict = Verdict()
        heads: dict[int, bytes] = {}
        async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            number, last, chained = 0, FIRST, BEGINNING
            while page := await repository.seals(connection, number, SEALS_AT_ONCE):
                for stored in page:
                    number += 1
                    while number < stored.seal.number:  # numbers have no gaps
                        verdict.faults.append(Fault("seal-deleted", number))
                        number += 1
                    verdict.faults += self.of_seal(stored, chained, verdict.rows)
                    verdict.faults += await self.of_rows(connection, stored, last)
                    verdict.rows = stored.rows_so_far
                    last, chained = stored.seal.last, stored.seal.head
                    heads[number] = chained
                    verdict.seals += 1
            verdict.waiting = await repository.waiting(connection, last)
        if verdict.waiting.from_the_future:
            verdict.faults.append(Fault("row-from-the-future", number))
        verdict.faults += self.of_kept(heads)
        return verdict

    def of_seal(self, stored: repository.Stored, chained: bytes, rows_before: int) -> Iterator[Fault]:
        """Whether the seal gives its own root and head, follows the one before, and is signed."""
        seal, so_far = stored.seal, rows_before + len(stored.seal.leaves)
        top = root([each.hash for each in seal.leaves])
        whole = seal.root == top and seal.head == head(chained, seal.number, seal.last, len(seal.leaves), top)
        if not whole or stored.rows_so_far != so_far:
            yield Fault("seal-changed", seal.number)
        try:
            said = read(stored.checkpoint, self.public_key)
        except Forged:
            yield Fault("checkpoint-forged", seal.number)
        else:
            if not self.says(said, seal.number, seal.head, stored.rows_so_far):
                yield Fault("checkpoint-forged", seal.number)

    def says(self, said: Checkpoint, number: int, chained: bytes, rows: int | None = None) -> bool:
        """Whether a checkpoint is about this seal of this service."""
        same = (said.service, said.seal, said.head) == (self.service, number, chained.hex())
        return same and rows in (None, said.rows)

    async def of_rows(self, connection: Connection, stored: repository.Stored, after: Place) -> list[Fault]:
        """Compare the rows that stand there with those that were sealed."""
        rows = await repository.between(connection, after, stored.seal.last)
        self.progress(len(stored.seal.leaves))
        return list(differences(stored.seal.number, stored.seal.leaves, rows))

    def of_kept(self, heads: Mapping[int, bytes]) -> Iterator[Fault]:
        """Compare what was kept elsewhere with the chain: whoever shortens or rewrites the chain cannot change that."""
        for line in self.kept:
            try:
                said = read(line, self.public_key)
            except Forged:
                yield Fault("kept-checkpoint-forged", 0)
                continue
            if said.seal not in heads:
                yield Fault("tail-deleted", said.seal)
            elif not self.says(said, said.seal, heads[said.seal]):
                yield Fault("kept-checkpoint-differs", said.seal)


def differences(seal: int, leaves: Iterable[Leaf], rows: Iterable[Row]) -> Iterator[Fault]:
    """What stands otherwise than it was sealed. Two rows whose contents were swapped are two that changed."""
    wanted = {each.access_id: each.hash for each in leaves}
    found = {each.access_id: each.hash for each in map(leaf, rows)}
    for access_id, sealed in wanted.items():
        if access_id not in found:
            yield Fault("row-deleted", seal, access_id)
        elif found[access_id] != sealed:
            yield Fault("row-changed", seal, access_id)
    for access_id in found:
        if access_id not in wanted:
            yield Fault("row-inserted", seal, access_id)
