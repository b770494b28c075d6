"""Departments' cases on people, under each department's own references. All SQL of the feature."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from shared.db import Connection

CASES = """
SELECT department, reference, told FROM department_case
  JOIN unnest($1::text[], $2::text[]) AS asked(department, reference) USING (department, reference)
"""

OPEN = """
INSERT INTO department_case (department, reference, opened_by, told)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::boolean[])
ON CONFLICT (department, reference) DO UPDATE SET told = department_case.told OR excluded.told
"""

Key = tuple[str, str]


async def cases(connection: Connection, wanted: Iterable[Key]) -> dict[Key, bool]:
    """Which of these (department, reference) have a case, and whether its first full entry was given."""
    asked = sorted(set(wanted))
    rows = await connection.fetch(CASES, [department for department, _ in asked], [ref for _, ref in asked])
    return {(row["department"], row["reference"]): row["told"] for row in rows}


async def store(connection: Connection, changed: Mapping[Key, tuple[UUID, bool]]) -> None:
    """Open cases, or note that their first entry was given; sorted, so that two writers cannot deadlock."""
    rows: Sequence[tuple[Key, tuple[UUID, bool]]] = sorted(changed.items())
    await connection.execute(
        OPEN,
        [department for (department, _), _ in rows],
        [reference for (_, reference), _ in rows],
        [opened_by for _, (opened_by, _) in rows],
        [told for _, (_, told) in rows],
    )
