"""Departments' cases on people, under each department's own references. All SQL of the feature."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db import Connection

CASES = """
SELECT department, reference, opened_by, opened_at, told FROM department_case
  JOIN unnest($1::text[], $2::text[]) AS asked(department, reference) USING (department, reference)
"""

OPEN = """
INSERT INTO department_case (department, reference, opened_by, opened_at, told)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::timestamptz[], $5::boolean[])
ON CONFLICT (department, reference) DO UPDATE SET told = department_case.told OR excluded.told
"""

Key = tuple[str, str]


@dataclass(frozen=True)
class Case:
    """A department's case on a person: what opened it and when the registry said so; `told`: all was given once."""

    opened_by: UUID
    opened_at: datetime
    told: bool


async def cases(connection: Connection, wanted: Iterable[Key]) -> dict[Key, Case]:
    """The cases there are among these (department, reference)."""
    asked = sorted(set(wanted))
    rows = await connection.fetch(CASES, [department for department, _ in asked], [ref for _, ref in asked])
    return {
        (row["department"], row["reference"]): Case(row["opened_by"], row["opened_at"], row["told"]) for row in rows
    }


async def store(connection: Connection, changed: Mapping[Key, Case]) -> None:
    """Open cases, or note that their first entry was given; sorted, so that two writers cannot deadlock."""
    rows = sorted(changed.items(), key=lambda row: row[0])
    await connection.execute(
        OPEN,
        [department for (department, _), _ in rows],
        [reference for (_, reference), _ in rows],
        [case.opened_by for _, case in rows],
        [case.opened_at for _, case in rows],
        [case.told for _, case in rows],
    )
