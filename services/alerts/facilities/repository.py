"""All SQL of facilities and staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.alerts.facilities.duty import ServedBy
from services.alerts.facilities.rules import Standing
from shared.db import Connection

# One statement for all streams of a process, and for a single request.
STANDINGS = """
SELECT revocation.revoked_at,
       EXISTS (SELECT FROM staff_member s WHERE s.facility = asked.facility) AS anybody,
       ARRAY(SELECT DISTINCT s.role FROM staff_member s
              WHERE s.facility = asked.facility AND s.subject = asked.subject AND s.ended_at IS NULL
                AND s.valid_from <= $3 AND (s.valid_until IS NULL OR s.valid_until >= $3)) AS roles
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (subject, facility, n)
  LEFT JOIN revocation USING (subject, facility)
 ORDER BY asked.n
"""

CLINICIAN = """
SELECT EXISTS (
  SELECT FROM staff_member
   WHERE facility = $1 AND subject = $2 AND clinician AND ended_at IS NULL
     AND valid_from <= $3 AND (valid_until IS NULL OR valid_until >= $3))
"""

LINE = """
 staff_id, subject, role, clinician, stands_in_for, valid_from, valid_until, ended_at,
 (SELECT r.revoked_at FROM revocation r
   WHERE r.subject = staff_member.subject AND r.facility = staff_member.facility) AS shut_out_at
"""
STAFF = f"SELECT {LINE} FROM staff_member WHERE facility = $1 ORDER BY subject, role, valid_from, staff_id"
ONE = f"SELECT {LINE} FROM staff_member WHERE staff_id = $1 AND facility = $2 FOR UPDATE"

# Said again, a line begins anew where it was ended.
LIST = f"""
INSERT INTO staff_member
       (facility, subject, role, clinician, stands_in_for, valid_from, valid_until, listed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (facility, subject, role, stands_in_for, valid_from) DO UPDATE SET
       clinician = excluded.clinician, valid_until = excluded.valid_until, ended_at = NULL, ended_by = NULL
RETURNING {LINE}
"""

# Provisioning begins a list, and never changes what supervisors made of it.
PROVISION = """
INSERT INTO staff_member (facility, subject, role, clinician, valid_from, valid_until, listed_by)
SELECT $1::text, $2::text, $3::text, $4, $5, $6, 'provisioning'
 WHERE NOT EXISTS (SELECT FROM staff_member WHERE facility = $1::text AND subject = $2::text AND role = $3::text)
    ON CONFLICT DO NOTHING
"""

END = "UPDATE staff_member SET ended_at = $2, ended_by = $3 WHERE staff_id = $1 AND ended_at IS NULL"

REVOKE = """
INSERT INTO revocation AS r (facility, subject, revoked_at, revoked_by) VALUES ($1, $2, $3, $4)
    ON CONFLICT (subject, facility) DO UPDATE SET revoked_at = excluded.revoked_at, revoked_by = excluded.revoked_by
 WHERE r.revoked_at < excluded.revoked_at
"""

# Two supervisors at once: one after the other, so that neither ends the other's last line unseen.
ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtextextended('staff of ' || $1, 0))"

SETTLED = "SELECT settled_on FROM duty_settled"
LINES = "SELECT prefix, facility, valid_from, valid_until FROM facility_area"
SETTLE_ALONE = "SELECT pg_advisory_xact_lock(hashtext('duty settled'))"
FORGET_LINES = "DELETE FROM facility_area /* removes */"
KEEP_LINES = """
INSERT INTO facility_area (prefix, facility, valid_from, valid_until)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::date[])
"""
SETTLE = """
INSERT INTO duty_settled (one, settled_on) VALUES (true, $1)
    ON CONFLICT (one) DO UPDATE SET settled_on = excluded.settled_on
"""


@dataclass(frozen=True)
class Listed:
    """One line of a facility's staff; days are first and last one. `shut_out_at`: what their devices knew until then
    is void for good; whatever they log in to later is not."""

    staff_id: UUID
    subject: str
    role: str
    clinician: bool
    stands_in_for: str | None
    valid_from: date
    valid_until: date | None
    ended_at: datetime | None
    shut_out_at: datetime | None

    def on(self, day: date) -> bool:
        """Whether it lists them that day."""
        return self.valid_from <= day and self.ended_at is None and not self.past(day)

    def past(self, day: date) -> bool:
        """Whether its last day is before this one."""
        return self.valid_until is not None and self.valid_until < day


async def standings(connection: Connection, asked: Sequence[tuple[str, str]], today: date) -> list[Standing]:
    """How each (subject, facility) stands today, in this order."""
    rows = await connection.fetch(STANDINGS, [subject for subject, _ in asked], [code for _, code in asked], today)
    return [Standing(frozenset(row["roles"]), row["anybody"], row["revoked_at"]) for row in rows]


async def clinician(connection: Connection, facility: str, subject: str, today: date) -> bool:
    """Whether the subject is listed as a clinician of the facility today."""
    found: bool = await connection.fetchval(CLINICIAN, facility, subject, today)
    return found


async def staff(connection: Connection, facility: str) -> list[Listed]:
    """Everybody who is, will be or was listed at a facility."""
    return [Listed(**row) for row in await connection.fetch(STAFF, facility)]


async def one(connection: Connection, staff_id: UUID, facility: str) -> Listed | None:
    """Lock one line of a facility."""
    row = await connection.fetchrow(ONE, staff_id, facility)
    return None if row is None else Listed(**row)


async def one_by_one(connection: Connection, facility: str) -> None:
    """Hold back other changes of this facility's staff until the transaction ends."""
    await connection.execute(ONE_BY_ONE, facility)


async def put(
    connection: Connection,
    facility: str,
    subject: str,
    role: str,
    stands_in_for: str | None,
    days: tuple[date, date | None],
    by: str,
    *,
    clinician: bool,
) -> Listed:
    """List a worker, or change the line that begins that day."""
    row = await connection.fetchrow(LIST, facility, subject, role, clinician, stands_in_for, *days, by)
    assert row is not None
    return Listed(**row)


async def provision(
    connection: Connection, facility: str, subject: str, role: str, days: tuple[date, date | None], *, clinician: bool
) -> None:
    """List a worker who never was listed in this role."""
    await connection.execute(PROVISION, facility, subject, role, clinician, *days)


async def end(connection: Connection, staff_id: UUID, at: datetime, by: str) -> None:
    """End a line now."""
    await connection.execute(END, staff_id, at, by)


async def revoke(connection: Connection, facility: str, subject: str, at: datetime, by: str) -> None:
    """Make credentials of a subject for this facility void that are from before this instant."""
    await connection.execute(REVOKE, facility, subject, at, by)


async def settled(connection: Connection) -> tuple[date, list[ServedBy]] | None:
    """For which day, and by which lines, everything open was settled last. None before the first time."""
    day = await connection.fetchval(SETTLED)
    return None if day is None else (day, [ServedBy(*row) for row in await connection.fetch(LINES)])


async def settle(connection: Connection, day: date, lines: Sequence[ServedBy]) -> None:
    """Write that everything open is settled for this day by these lines."""
    await connection.execute(SETTLE_ALONE)
    await connection.execute(FORGET_LINES)
    columns = zip(*((each.prefix, each.facility, each.begins, each.until) for each in lines), strict=True)
    await connection.execute(KEEP_LINES, *(list(column) for column in columns))
    await connection.execute(SETTLE, day)
