"""Lists of contradictions for those who reported them and for the authority on identity. Every look is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.registry.contradictions import repository as sql
from services.registry.contradictions.keeping import Keeping
from services.registry.contradictions.schemas import ContradictionFound, ContradictionsFound, Explanation, Side
from services.registry.contradictions.values import KINDS, Contradiction, Statement
from services.registry.facts.repository import applied_events, mentioned
from services.registry.facts.values import Mention
from services.registry.people.quotas import Quotas
from services.registry.protection.repository import protectors
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.crypto.references import mint
from shared.db import Connection, Pool, transaction
from shared.errors import NotFound
from shared.sharing.protected import WITHHELD, withheld_from

PURPOSE = "identity-review"
IDENTITY_AUTHORITY = "public-security"


@dataclass(frozen=True)
class Asked:
    """Which contradictions are asked for; None: all of them."""

    kind: str | None
    department: str | None
    since: datetime | None
    explained: bool
    after: UUID | None
    limit: int


@dataclass
class Contradictions:
    """Shows contradictions, and takes explanations."""

    pool: Pool
    keeping: Keeping
    quotas: Quotas

    async def listed(self, caller: Caller, asked: Asked, language: str) -> ContradictionsFound:
        """What stands, the caller's share of it. Raises Problem (429) beyond the official's quota of people,
        before anything is looked up."""
        async with transaction(self.pool) as connection:
            await self.quotas.people_left(connection, caller)
            rows = await sql.listed(
                connection,
                seen_by(caller),
                asked.kind,
                asked.department,
                asked.since,
                asked.explained,
                asked.after,
                asked.limit,
            )
            found = await self.shown(connection, caller, rows, language, asked.department)
        last = rows[-1]["contradiction_id"] if len(rows) == asked.limit else None
        return ContradictionsFound(contradictions=found, next_after=last)

    async def one(self, caller: Caller, contradiction: UUID, language: str) -> ContradictionFound:
        """One of them. Unknown, gone and not the caller's are one NotFound. Raises Problem (429) beyond the quota,
        where it shows anybody whom the official has not seen today; so does `explain`."""
        async with transaction(self.pool) as connection, self.quotas.nobody_new(connection, caller):
            row = await self.told(connection, caller, contradiction)
            (found,) = await self.shown(connection, caller, [row], language)
        return found

    async def told(self, connection: Connection, caller: Caller, contradiction: UUID) -> asyncpg.Record:
        """The row of one of which the caller may know, locked. Raises NotFound."""
        row = await sql.one(connection, seen_by(caller), contradiction)
        if row is None or not self.opened(row).told_to(caller.department or ""):
            raise NotFound
        return row

    def opened(self, row: asyncpg.Record) -> Contradiction:
        """What a row says."""
        return self.keeping.opened(row["contradiction_id"], row["body"])

    async def explain(
        self, caller: Caller, contradiction: UUID, said: Explanation, language: str
    ) -> ContradictionFound:
        """Note why all of it is true. Raises NotFound as `one` does."""
        async with transaction(self.pool) as connection, self.quotas.nobody_new(connection, caller):
            await self.told(connection, caller, contradiction)
            sealed = self.keeping.sealed_reason(contradiction, said.reason)
            await sql.explain(connection, contradiction, caller.department or "", sealed)
            row = await self.told(connection, caller, contradiction)
            (found,) = await self.shown(connection, caller, [row], language)
        return found

    async def shown(
        self,
        connection: Connection,
        caller: Caller,
        rows: Sequence[asyncpg.Record],
        language: str,
        taking_part: str | None = None,
    ) -> list[ContradictionFound]:
        """Open rows as the caller may see them, and write down that they were seen. `taking_part`: only those in which
        the caller sees a statement of this department."""
        department = caller.department or ""
        told = [
            (row, each, statements)
            for row in rows
            if (statements := (each := self.opened(row)).told_to(department))
            and taking_part in {None, *(side.department for side in statements)}
        ]
        rows = [row for row, _, _ in told]
        keys = {
            (side.source, side.id) for _, _, statements in told for side in statements if side.department == department
        }
        receipts = {(row["source"], row["id"]): row["receipt"] for row in await applied_events(connection, keys)}
        whose = await mentioned(connection, [mention_of(side) for _, _, statements in told for side in statements])
        by = await protectors(connection, {*whose.values(), *(row["person_id"] for row in rows)})
        hidden = {person for person, protecting in by.items() if withheld_from(department, protecting)}
        fields: dict[UUID, set[str]] = {}
        found = []
        for row, each, statements in told:
            people = [whose.get(mention_of(side), row["person_id"]) for side in statements]
            sides = [
                side_of(side, department, receipts.get((side.source, side.id)), hidden=person in hidden)
                for side, person in zip(statements, people, strict=True)
            ]
            fields.setdefault(row["person_id"], set())
            for side, person in zip(sides, people, strict=True):
                if not side.withheld:
                    fields.setdefault(person, set()).add(side.field)
            found.append(self.found(row, each, sides, department, language))
        readings = [Reading(str(person), tuple(sorted(names))) for person, names in sorted(fields.items())]
        await record(connection, caller, readings, action="contradiction", basis=PURPOSE)
        await self.quotas.count_people(connection, caller, fields)
        return found

    def found(
        self, row: asyncpg.Record, each: Contradiction, sides: list[Side], department: str, language: str
    ) -> ContradictionFound:
        """One row with its sides."""
        reason, by, ring = row["explanation"], row["explained_by"], self.keeping.ring
        if by != department and len(sides) < len(each.statements):
            reason = by = None  # the words may speak of what the caller may not know
        return ContradictionFound(
            id=row["contradiction_id"],
            kind=row["kind"],
            meaning=KINDS[each.kind].in_(language),
            person=mint(ring, department, row["person_id"]),
            sides=sides,
            first_seen_at=row["first_seen_at"],
            seen_at=row["seen_at"],
            explained_at=row["explained_at"],
            explained_by=by,
            explanation=self.keeping.opened_reason(row["contradiction_id"], reason) if reason else None,
        )


def seen_by(caller: Caller) -> str | None:
    """Whose contradictions the caller sees: its department's, or (None) everyone's."""
    return None if caller.department == IDENTITY_AUTHORITY else caller.department


def mention_of(said: Statement) -> Mention:
    """Of whom a statement speaks: the parent's birth and death are the parent's, beside the child's."""
    return said.source, said.id, said.role


def side_of(side: Statement, department: str, receipt: UUID | None, *, hidden: bool = False) -> Side:
    """A statement as a department may see it: its own whole, of others' only who speaks and about what; the authority
    on identity sees all, but where somebody lives who is protected from it (`hidden`, protection rule 12)."""
    withheld = department != side.department and (
        department != IDENTITY_AUTHORITY or (hidden and side.field in WITHHELD)
    )
    return Side(
        department=side.department,
        field=side.field,
        value=None if withheld else side.value,
        type=None if withheld else side.type,
        effective_on=None if withheld else side.effective_on,
        receipt=receipt,
        withheld=withheld,
    )
