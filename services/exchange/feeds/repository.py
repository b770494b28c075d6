"""What a department has to do now with the people that a page of its feed speaks of. All SQL of the feature."""

from collections.abc import Iterable
from datetime import date

from services.exchange.feeds.guard import Tie
from services.exchange.told.repository import opened
from shared.crypto.keyring import KeyRing
from shared.db import Connection

# `told` is sealed: it is opened only for those who may be told of everyone in the household register.
TIES = """
SELECT asked.reference AS subject, coalesce(c.reporting, false) AS reporting,
       ARRAY(SELECT b.agreement FROM case_by_call b WHERE (b.department, b.reference) = ($1, asked.reference)
                AND b.status = 'open' AND b.until >= $3) AS called,
       coalesce(p.withheld, false) AS protected, t.*
  FROM unnest($2::text[]) AS asked(reference)
  LEFT JOIN department_case c ON (c.department, c.reference) = ($1, asked.reference)
  LEFT JOIN protected_person p ON (p.department, p.reference) = ($1, asked.reference)
  LEFT JOIN (SELECT department, reference, body, how, told_at, as_of, epoch, position FROM told) t
         ON $4 AND (t.department, t.reference) = ($1, asked.reference)
"""


async def ties(
    connection: Connection, ring: KeyRing, department: str, subjects: Iterable[str], today: date, everyone: bool
) -> dict[str, Tie]:
    """On whom of them the department holds a case today, who is protected from it, and, if asked for `everyone`, who
    stands in the register."""
    found = await connection.fetch(TIES, department, sorted(set(subjects)), today, everyone)
    return {
        row["subject"]: Tie(
            row["reporting"],
            frozenset(row["called"]),
            row["body"] is not None and opened(ring, row).registered,
            row["protected"],
        )
        for row in found
    }
