"""Areas: which list stands, how another is entered, and how an old one comes back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from services.registry.areas import repository as sql
from services.registry.areas import rules
from services.registry.areas.moved import Moved
from services.registry.areas.schemas import AreaFound, AreaLists, Entered, EnteredList
from shared import clock
from shared.auth.caller import Caller
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal
from shared.db import Connection, Pool, transaction
from shared.errors import Conflict, Invalid, NotFound
from shared.errors_text import Text
from shared.identifiers.areas import Area, AreaTable

KEY, CONTEXT = "registry", b"area list"
AREAS = TypeAdapter(tuple[Area, ...])
KEPT: Final = 1.0
"""Seconds for which the list that stands is not asked for again: every look-up and every page of the fold reads it."""
NOTHING_CHANGES = Text("The list that stands says the same.", "与现行列表内容相同。")


@dataclass
class Areas:
    """Answers where places lie, and takes new lists. The provisioned list stands until another is entered."""

    pool: Pool
    ring: KeyRing
    provisioning: Path
    read: dict[UUID | None, AreaTable] = field(default_factory=dict)
    standing: Moved | None = None
    until: float = 0.0

    async def table(self, connection: Connection, known_at: datetime | None = None) -> AreaTable:
        """The list that stands, or stood at an instant."""
        return await self.stored(connection, await sql.newest(connection, known_at))

    async def moved(
        self, connection: Connection, valid_at: date | None = None, known_at: datetime | None = None
    ) -> Moved:
        """What codes became by a day, by the list that stands, or stood at an instant. As of now it may be a second
        old."""
        if valid_at is not None or known_at is not None:
            return Moved(await self.table(connection, known_at), valid_at or clock.today())
        found, today = self.standing, clock.today()
        if found is None or monotonic() >= self.until:
            table = await self.table(connection)
            self.until = monotonic() + KEPT
        else:
            table = found.table
        if found is None or found.table is not table or found.day != today:
            found = self.standing = Moved(table, today)
        return found

    async def stored(self, connection: Connection, list_id: UUID | None) -> AreaTable:
        """A list, opened once: it never changes. Raises NotFound."""
        if list_id is None and None not in self.read:
            self.read[None] = AreaTable.load(self.provisioning / "areas.yaml")
        if list_id is not None and list_id not in self.read:
            row = await sql.one(connection, list_id)
            if row is None:
                raise NotFound
            opened = AREAS.validate_json(unseal(self.ring, KEY, row["areas"], CONTEXT))
            kept = {key: self.read[key] for key in list(self.read)[-7:]}
            self.read = {**kept, list_id: AreaTable(opened)}
        return self.read[list_id]

    async def enter(self, caller: Caller, areas: Sequence[Area], reason: str, *, dry_run: bool) -> Entered:
        """Let another list stand from now on; `dry_run` only says what would change. Raises Invalid, and Conflict for
        a list that says nothing new."""
        if found := rules.faults(areas):
            raise Invalid(faults=found)
        return await self.follow(caller, AreaTable(tuple(areas)), reason, dry_run=dry_run)

    async def restore(self, caller: Caller, list_id: UUID, reason: str) -> Entered:
        """Let an earlier list stand once more: how a mistake is undone. Raises NotFound, Conflict."""
        async with self.pool.acquire() as connection:
            table = await self.stored(connection, list_id)
        return await self.follow(caller, table, reason, dry_run=False)

    async def follow(self, caller: Caller, table: AreaTable, reason: str, *, dry_run: bool) -> Entered:
        """Compare with what stands, and enter."""
        async with transaction(self.pool) as connection:
            await sql.lock(connection)
            before = await self.table(connection)
            changes = rules.changes(before, table)
            if not changes:
                raise Conflict(detail=NOTHING_CHANGES)
            if dry_run:
                return Entered(list_id=None, changes=changes)
            sealed = seal(self.ring, KEY, AREAS.dump_json(tuple(table.values())), CONTEXT)
            entered = await sql.enter(connection, caller.subject, reason, len(table), sealed)
        self.until = 0.0
        return Entered(list_id=entered, changes=changes)

    async def lists(self, after: UUID | None, limit: int) -> AreaLists:
        """Who entered which list, when and why, the newest first."""
        async with self.pool.acquire() as connection:
            rows = await sql.lists(connection, after, limit)
        return AreaLists(
            lists=[
                EnteredList(
                    list_id=row["list_id"],
                    entered_at=row["entered_at"],
                    by=row["subject"],
                    reason=row["reason"],
                    areas=row["count"],
                )
                for row in rows
            ],
            next_after=rows[-1]["list_id"] if len(rows) == limit else None,
        )

    async def roots(self, valid_at: date | None, known_at: datetime | None) -> list[Area]:
        """The areas that lie in no other."""
        async with self.pool.acquire() as connection:
            table = await self.table(connection, known_at)
        return [plain(area) for area in rules.children(table, None, valid_at or clock.today())]

    async def area(self, code: str, valid_at: date | None, known_at: datetime | None) -> AreaFound:
        """One area with its surroundings. Raises NotFound."""
        async with self.pool.acquire() as connection:
            table = await self.table(connection, known_at)
        day, found = valid_at or clock.today(), rules.normal(code)
        area = table.get(found) if found else None
        if area is None:
            raise NotFound
        above = rules.parent(table, area.code, day)
        return AreaFound(
            area=plain(area),
            in_use=area.valid_on(day),
            parent=plain(above) if above else None,
            children=[plain(each) for each in rules.children(table, area.code, day)],
            predecessors=rules.predecessors(table, area.code),
        )


def plain(area: Area) -> Area:
    """An area without the households that a split placed: they are nobody's but the registry's."""
    return area.model_copy(update={"households": {}})
