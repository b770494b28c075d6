"""POST /v1/reconciliations: a department's own list of a period beside the journal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec
from fastapi import APIRouter, Depends, Query, Request

from services.exchange.reconciliation import repository
from services.exchange.reconciliation.handlers import KEY, Comparison, record_context
from services.exchange.reconciliation.listed import Listed, Reading, form_of
from services.exchange.reconciliation.rules import KINDS
from services.exchange.reconciliation.schemas import (
    Compared,
    Counts,
    Difference,
    Differences,
    Kind,
    List,
    Lists,
)
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.crypto.sealing import unseal
from shared.db import Connection
from shared.errors import Fault, Invalid, NotFound, Text, Unavailable

PATH = "/v1/reconciliations"
AT_ONCE = 4  # lists in a process; each holds its rows in memory
SHOWN = 100  # differences of each kind in the first answer
PATIENCE = 600.0  # seconds for a list to arrive

router = APIRouter(tags=["reconciliation"])

Department = Annotated[Caller, Depends(require("reporter", "clerk", department=True, everywhere=True))]
Shared = Annotated[Service, Depends(service_of)]
Day = Annotated[date, Query(description="A day in Asia/Shanghai, of the `time` of the vital events; both ends count.")]

LISTS = {
    "requestBody": {
        "required": True,
        "description": "One row per vital event: source, id, digest, and record if wanted (docs/reconciliation.md).",
        "content": {"text/csv": {"schema": {"type": "string"}}, "application/x-ndjson": {"schema": {"type": "string"}}},
    }
}


@router.post(PATH, status_code=201, summary="Compare the department's own list with the journal", openapi_extra=LISTS)
async def reconcile(
    request: Request,
    caller: Department,
    service: Shared,
    first_day: Annotated[Day, Query(alias="from")],
    last_day: Annotated[Day, Query(alias="to")],
) -> Compared:
    """What only the list has, what only the journal has, what differs, and why; malformed rows are named by line and
    change nothing."""
    department = caller.department or ""
    if last_day < first_day:
        raise Invalid(faults=[Fault("to", Text("must not be before `from`", "不得早于 from"))])
    form = form_of(request.headers)
    async with turn(request, department):
        listed = await received(request, form)
        number = await Comparison(service, department, first_day, last_day, listed).run()
    async with service.pool.acquire() as connection:
        row = await repository.one(connection, department, number)
        if row is None:
            raise NotFound
        shown = {kind: await page(connection, service, number, kind, 0, SHOWN) for kind in KINDS}
    told = {kind.replace("-", "_"): found for kind, found in shown.items()}
    return Compared.model_validate(list_of(row).model_dump(by_alias=False) | told)


@router.get(PATH, summary="The department's lists, newest first")
async def lists(caller: Department, service: Shared) -> Lists:
    """Every list that is kept, with its counts."""
    async with service.pool.acquire() as connection:
        rows = await repository.many(connection, caller.department or "")
    return Lists(reconciliations=[list_of(row) for row in rows])


@router.get(PATH + "/{reconciliation}", summary="One list of the department")
async def one_list(reconciliation: UUID, caller: Department, service: Shared) -> List:
    """How far it is, and its counts; another department's is not found."""
    async with service.pool.acquire() as connection:
        row = await repository.one(connection, caller.department or "", reconciliation)
    if row is None:
        raise NotFound
    return list_of(row)


@router.get(PATH + "/{reconciliation}/differences", summary="The differences of a list, page by page")
async def differences(
    reconciliation: UUID,
    caller: Department,
    service: Shared,
    kind: Kind | None = None,
    after: Annotated[int, Query(ge=0, le=2_000_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> Differences:
    """Differences in a stable order, all or of one kind."""
    async with service.pool.acquire() as connection:
        if await repository.one(connection, caller.department or "", reconciliation) is None:
            raise NotFound
        found = await page(connection, service, reconciliation, kind, after, limit)
    return Differences(differences=found, next_after=found[-1].number if len(found) == limit else None)


@asynccontextmanager
async def turn(request: Request, department: str) -> AsyncIterator[None]:
    """A few lists at once, one of a department. Raises Unavailable for any more."""
    running: set[str] = request.app.state.reconciling
    if department in running or len(running) >= AT_ONCE:
        raise Unavailable(retry_after=10)
    running.add(department)
    try:
        yield
    finally:
        running.discard(department)


async def received(request: Request, form: str) -> Listed:
    """Read the list as it comes. Raises Invalid, TooLarge, or Unavailable when it does not arrive in time."""
    reading = Reading(form)
    try:
        async with asyncio.timeout(PATIENCE):
            async for piece in request.stream():
                for begin in range(0, len(piece), 65536):
                    reading.feed(piece[begin : begin + 65536])
                    await asyncio.sleep(0)  # a list of a million rows lets the others in between
    except TimeoutError:
        raise Unavailable from None
    return reading.finish()


def list_of(row: asyncpg.Record) -> List:
    """A list as it is told."""
    counted: dict[str, int] = msgspec.json.decode(row["counts"])
    counts = {name.replace("-", "_"): number for name, number in counted.items() if ":" not in name}
    why = {name: number for name, number in counted.items() if ":" in name}
    return List(
        reconciliation=row["reconciliation_id"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        state=row["state"],
        rows=row["rows"],
        compared=row["compared"],
        counts=Counts(**counts, why=why),
        began_at=row["began_at"],
    )


async def page(
    connection: Connection, service: Service, reconciliation: UUID, kind: str | None, after: int, limit: int
) -> list[Difference]:
    """Differences with the department's own record numbers opened."""
    found = []
    for row in await repository.differences(connection, reconciliation, kind, after, limit):
        sealed, place = row["record"], record_context(reconciliation, row["number"])
        record = None if sealed is None else unseal(service.ring, KEY, sealed, place).decode()
        found.append(Difference.model_validate(dict(row) | {"record": record}))
    return found
