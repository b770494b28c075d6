"""All SQL of help with birth registration."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.alerts.directory.entries import Told
from services.alerts.facilities.duty import Held
from services.alerts.registration_help.rules import Facts, Standing, State
from shared.db import Connection

# The later word counts; `ended`, state and step belong to this service and are not touched by what is told.
TELL = """
INSERT INTO registration_help AS h
       (help_id, child, mother, born_on, names, asked, state, told_at, told_position)
VALUES ($1, $2, $3, $4, $5, $6, 'closed', $7, $8)
    ON CONFLICT (child) DO UPDATE SET
       (mother, born_on, names, asked, told_at, told_position)
         = (excluded.mother, excluded.born_on, excluded.names, excluded.asked, excluded.told_at, excluded.told_position)
 WHERE (h.told_at, h.told_position) < (excluded.told_at, excluded.told_position)
"""

OF_PEOPLE = "SELECT help_id FROM registration_help WHERE child = ANY($1::text[]) OR mother = ANY($1::text[])"

# Another process's batch is skipped, so that several workers share the work and none announces twice.
DUE = """
SELECT help_id FROM registration_help WHERE next_change_on <= $1
 ORDER BY next_change_on, help_id LIMIT $2 FOR UPDATE SKIP LOCKED
"""

NOT_CLOSED = "SELECT help_id FROM registration_help WHERE state <> 'closed' AND help_id > $1 ORDER BY help_id LIMIT $2"

LOCK = "SELECT help_id FROM registration_help WHERE help_id = ANY($1::uuid[]) ORDER BY help_id FOR UPDATE"

# Facts add up over all names of a person; the area is the person's own. `doubled`: two certificates turned out to be
# one child's, and the other one stands for it.
FACTS = """
SELECT h.help_id, h.born_on, h.asked AND NOT doubled.is AS asked, h.ended, h.state, h.facility, h.step, h.names,
       m.area, h.area AS held_area, h.next_change_on,
       coalesce(mother.died, false) AS mother_died, coalesce(child.died, false) AS child_died,
       coalesce(child.settled, false) AS child_settled
  FROM registration_help h
  LEFT JOIN directory_person m0 ON m0.reference = h.mother
  LEFT JOIN directory_person c0 ON c0.reference = h.child
 CROSS JOIN LATERAL (
       SELECT coalesce(m0.merged_into, h.mother) AS mother, coalesce(c0.merged_into, h.child) AS child) root
  LEFT JOIN directory_person m ON m.reference = root.mother
 CROSS JOIN LATERAL (
       SELECT bool_or(ever_died) AS died FROM directory_person
        WHERE reference = root.mother OR merged_into = root.mother) mother
 CROSS JOIN LATERAL (
       SELECT bool_or(ever_died) AS died, bool_or(ever_settled) AS settled FROM directory_person
        WHERE reference = root.child OR merged_into = root.child) child
 CROSS JOIN LATERAL (
       SELECT EXISTS (
         SELECT FROM registration_help o
          WHERE o.child IN (SELECT root.child
                             UNION ALL SELECT reference FROM directory_person WHERE merged_into = root.child)
            AND o.help_id <> h.help_id AND o.asked
            AND (o.child = root.child OR (h.child <> root.child AND o.child < h.child))) AS is) doubled
 WHERE h.help_id = ANY($1::uuid[])
 ORDER BY h.help_id
"""

STAND = """
UPDATE registration_help
   SET state = $2, facility = $3, area = $4, ended = $5, next_change_on = $6, step = $7, names = $8
 WHERE help_id = $1
"""

# What a facility that sees or saw this help may still do: it is answered the same whether it is open or closed by now.
SEEN_HERE = """
SELECT child, mother FROM registration_help WHERE help_id = $1 AND facility = $2 AND state <> 'waiting' FOR UPDATE
"""
END = "UPDATE registration_help SET ended = true WHERE help_id = $1"


@dataclass(frozen=True)
class Contact:
    """One help with what is known about it, locked."""

    help_id: UUID
    born_on: date
    facts: Facts
    area: str | None
    held: Held
    standing: Standing
    step: int
    names: bytes | None
    next_change_on: date | None


async def tell(
    connection: Connection, help_id: UUID, people: tuple[str, str], born_on: date, names: bytes, asked: bool, when: Told
) -> None:
    """Take over what was said about one birth; `people` are child and mother. Old news change nothing."""
    await connection.execute(TELL, help_id, *people, born_on, names, asked, *when)


async def of_people(connection: Connection, references: Sequence[str]) -> list[UUID]:
    """The help that concerns any of these references."""
    return [row["help_id"] for row in await connection.fetch(OF_PEOPLE, references)]


async def due(connection: Connection, today: date, limit: int) -> list[UUID]:
    """Lock help that the date has changed and nobody else is changing."""
    return [row["help_id"] for row in await connection.fetch(DUE, today, limit)]


async def not_closed(connection: Connection, after: UUID, limit: int) -> list[UUID]:
    """Help that waits or is open, by id."""
    return [row["help_id"] for row in await connection.fetch(NOT_CLOSED, after, limit)]


async def locked(connection: Connection, help_ids: Collection[UUID]) -> list[Contact]:
    """Lock help in order of ids, then read what is known: in this order, or a directory entry just told is missed."""
    await connection.execute(LOCK, sorted(help_ids))
    return [
        Contact(
            row["help_id"],
            row["born_on"],
            # `ended` holds a refusal, and every end that was seen once: the row does not tell them apart.
            Facts(
                row["asked"],
                registered=row["child_settled"],
                refused=row["ended"],
                mother_alive=not row["mother_died"],
                child_alive=not row["child_died"],
            ),
            row["area"],
            Held(row["facility"] if row["state"] == State.OPEN else None, row["held_area"]),
            Standing(State(row["state"]), row["facility"]),
            row["step"],
            row["names"],
            row["next_change_on"],
        )
        for row in await connection.fetch(FACTS, sorted(help_ids))
    ]


async def stand(
    connection: Connection, contact: Contact, standing: Standing, area: str | None, following: date | None, step: int
) -> None:
    """Write how a contact stands now. A closed one forgets its names and its area."""
    closed = standing.state is State.CLOSED
    await connection.execute(
        STAND,
        contact.help_id,
        standing.state.value,
        standing.facility,
        None if closed else area,
        contact.facts.ended,
        following,
        step,
        None if closed else contact.names,
    )


async def seen_here(connection: Connection, help_id: UUID, facility: str) -> tuple[str, str] | None:
    """Lock help that this facility sees or saw last: (child, mother); None where there is none."""
    row = await connection.fetchrow(SEEN_HERE, help_id, facility)
    return None if row is None else (row["child"], row["mother"])


async def end(connection: Connection, help_id: UUID) -> None:
    """Make it over for good."""
    await connection.execute(END, help_id)
