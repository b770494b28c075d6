"""Officials who are known as people, and what the protection officer makes of flags."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from services.registry.break_glass.handlers import opened
from services.registry.citizens.finding import one_holder
from services.registry.facts.stored import Vault
from services.registry.misuse import repository as sql
from services.registry.misuse.schemas import BrokenGlass, Decision, Flagged, FlagsListed
from shared import clock
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.contracts.values import Identifier
from shared.crypto.sealing import seal
from shared.db import Pool, transaction
from shared.errors import Conflict, NotFound
from shared.sharing.departments import Departments

KEY: Final = "registry"
OFFICIAL: Final = "official"
"""The basis of the entry that says that somebody was named as an official: the protection of others."""


@dataclass
class Misuse:
    """What people do about misuse; what the rules do stands in judging.py."""

    pool: Pool
    vault: Vault
    departments: Departments

    async def provision(self, caller: Caller, subject: str, identifier: Identifier, areas: Sequence[str]) -> None:
        """Remember who an official of the caller's department is. Whether anyone was found is not told: the rules that
        need it are silent for whoever was not. The person sees that they were named."""
        department = caller.department or ""
        async with transaction(self.pool) as connection:
            found = await one_holder(connection, self.vault, identifier)
            if found is not None:
                reading = Reading(str(found[0]), ())
                await record(connection, caller, [reading], action="official", basis=OFFICIAL, purpose="audit")
            await sql.put(connection, department, subject, found[0] if found else None, areas)

    async def forget(self, caller: Caller, subject: str) -> None:
        """They are an official of the caller's department no more. Raises NotFound."""
        async with transaction(self.pool) as connection:
            if not await sql.remove(connection, caller.department or "", subject):
                raise NotFound

    async def flags(self, *, decided: bool, after: UUID | None, limit: int) -> FlagsListed:
        """Flags that wait for a decision, or those that have one."""
        async with self.pool.acquire() as connection:
            rows = await sql.flags(connection, undecided=not decided, after=after, limit=limit)
        return FlagsListed(
            flags=[self.flag(row) for row in rows], next_after=rows[-1]["flag_id"] if len(rows) == limit else None
        )

    def flag(self, row: asyncpg.Record) -> Flagged:
        """A flag as it is shown."""
        named = self.departments.get(row["department"])
        return Flagged(
            flag=row["flag_id"],
            rule=row["rule"],
            department={"name": named.name, "title": named.title},
            official=row["subject"],
            entry=row["access_id"],
            at=row["at"],
            raised_at=row["raised_at"],
            decision=row["decision"],
            decided_at=row["decided_at"],
            break_glass=None if row["category"] is None else self.broken(row),
        )

    def broken(self, row: asyncpg.Record) -> BrokenGlass:
        """How a broken glass stands."""
        return BrokenGlass(
            category=row["category"],
            justify_by=row["justify_by"],
            justification=opened(self.vault.ring, row["flag_id"], "justification", row["justification"]),
            justified_at=row["justified_at"],
            overdue=row["justified_at"] is None and row["justify_by"] < clock.now(),
        )

    async def decide(self, caller: Caller, flag: UUID, decided: Decision) -> None:
        """Store what the protection officer decided. Raises NotFound; Conflict where it was decided before."""
        sealed = seal(self.vault.ring, KEY, decided.reason.encode(), b"flag" + flag.bytes)
        async with transaction(self.pool) as connection:
            if not await sql.known(connection, flag):
                raise NotFound
            if not await sql.decide(connection, flag, decided.decision, sealed, caller.subject):
                raise Conflict
