"""A row deleted in any table of any service is named: tables that are added are held to it by themselves."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib import import_module
from itertools import count
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Integer, LargeBinary, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from shared.reconciliation.kinds import ROWS_LOST, TALLY_LOST, Finding
from shared.reconciliation.tables import TableTally
from tests.histories import birth, person
from tests.reconcilers_world import Reconcilers
from tests.registry_world import says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments", "tests.reconcilers"]
SERVICES = ("exchange", "registry", "alerts")

# Values that the tables' own CHECKs ask for.
ALLOWED: Mapping[str, object] = {
    "reconciliation.state": "done",
    "outcome.status": "applied",
    "case_by_call.status": "asked",
    "told.how": "feed",
    "correction.kind": "corrected",
    "subscription.state": "active",
    "delivery.state": "due",
    "agreement.standing": "proposed",
    "agreement_step.what": "proposed",
    "registration_help.state": "open",
    "secret_address.kind": "feed",
    "secret_address.language": "en",
    "care_webhook.state": "active",
    "care_delivery.state": "due",
    "register_import.standing": "done",
    "register_upload.format": "csv",
    "register_upload.standing": "done",
    "episode.kind": "maternal",
    "episode.state": "active",
    "episode_consent.state": "given",
    "care_contact.state": "open",
    "directory_word.saying": "died",
    "duty_settled.one": True,
    "staff_member.role": "care-worker",
    "handover.state": "offered",
    "access_question.state": "open",
    "care_judged.one": True,
}
NUMBERS = count(32_000, -1)
MADE: tuple[tuple[type, Any], ...] = (
    (ARRAY, list),
    (JSONB, lambda: "{}"),
    (Boolean, lambda: False),
    (DateTime, lambda: datetime(2026, 1, 1, tzinfo=UTC)),
    (Date, lambda: date(2026, 1, 1)),
    (Uuid, uuid4),
    (LargeBinary, lambda: uuid4().bytes),
    (Integer, lambda: next(NUMBERS)),
)


def tables_of(service: str) -> list[Table]:
    found: list[Table] = [table.__table__ for table in import_module(f"services.{service}.tables").TABLES]
    return found


def made(column: Column[Any]) -> object:
    """A value of the column's type."""
    allowed = ALLOWED.get(str(column))
    return allowed or next((make() for kind, make in MADE if isinstance(column.type, kind)), f"made-{uuid4()}")


async def put(pool: asyncpg.Pool, table: Table) -> dict[str, object]:
    """Put a row of made-up values into a table, and whatever it refers to; returns its primary key."""
    row: dict[str, object] = {}
    for constraint in table.foreign_key_constraints:
        if not all(column.nullable for column in constraint.columns):
            parent = await put(pool, constraint.referred_table)
            row |= {element.parent.name: parent[element.column.name] for element in constraint.elements}
    for column in table.columns:
        free = column.nullable or column.server_default is not None or column.identity is not None
        if column.name not in row and (column.primary_key or not free):
            row[column.name] = made(column)
    if any(column.identity is not None for column in table.primary_key):
        row = {name: value for name, value in row.items() if table.c[name].identity is None}
    names, places = ", ".join(row), ", ".join(f"${place}" for place in range(1, len(row) + 1))
    key = ", ".join(column.name for column in table.primary_key)
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({places}) RETURNING {key}"
    return dict(await pool.fetchrow(statement, *row.values()) or {})


async def lose(pool: asyncpg.Pool, table: Table) -> None:
    """Put a row and delete it by hand."""
    key = await put(pool, table)
    where = " AND ".join(f"{name} = ${place}" for place, name in enumerate(key, start=1))
    assert await pool.execute(f"DELETE FROM {table.name} WHERE {where}", *key.values()) == "DELETE 1"


@pytest.mark.parametrize("service", SERVICES)
async def test_a_row_deleted_in_any_table_is_named(reconcilers: Reconcilers, service: str) -> None:
    await reconcilers.line.report(says("birth.certified", "b1", birth(person(2), person(1)), "2024-02-01"))
    assert await reconcilers.found() == set()
    reconciler = reconcilers.of(service)
    lost = {table.name for table in tables_of(service)} - {TableTally.__tablename__}
    (rows,) = [check for check in reconciler.checks if check.name == "tables"]
    for table in tables_of(service):
        if table.name in lost:
            await lose(reconciler.pool, table)
    await reconciler.round(rows)
    found = await reconciler.pool.fetch("SELECT kind, place FROM finding WHERE settled_at IS NULL")
    assert {Finding(*row) for row in found} == {Finding(ROWS_LOST, name) for name in lost}


@pytest.mark.parametrize("service", SERVICES)
async def test_a_lost_row_of_the_tally_itself_is_named(reconcilers: Reconcilers, service: str) -> None:
    await reconcilers.line.report(says("birth.certified", "b1", birth(person(2), person(1)), "2024-02-01"))
    pool = reconcilers.of(service).pool
    await pool.execute("DELETE FROM table_tally WHERE table_name = 'feed_head' AND rows > 0")
    assert await reconcilers.found() == {Finding(TALLY_LOST, "table_tally/feed_head")}
