"""/v1/imports: an existing register is sent, judged or imported, by the department whose register it is."""

import re
from collections.abc import Container
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from services.registry.imports.rules import DEPARTMENT
from services.registry.uploads.handlers import Uploads
from services.registry.uploads.schemas import ImportState, ImportStates, NewImport
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden, Problem, language_of
from shared.written import CallerFirst

PURPOSE = "household-registration"
KINDS = ("text/csv", "application/vnd.apache.parquet", "application/octet-stream")
FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file as it is. Whoever sends it once more begins anew.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS},
    }
}

router = APIRouter(tags=["imports"], route_class=CallerFirst)


def imports_registers(caller: Caller) -> None:
    """Raise Forbidden for all but who registers households: rows are events of that department."""
    if (caller.department, caller.purpose) != (DEPARTMENT, PURPOSE):
        raise Forbidden


Registrar = Annotated[
    Caller, Depends(require("clerk", department=True, purpose=True, everywhere=True, also=imports_registers))
]


async def uploads_of(request: Request) -> Uploads:
    """The handler, one per process."""
    handler: Uploads = request.app.state.uploads
    return handler


async def language(request: Request) -> str:
    """The caller's language."""
    return language_of(request.headers.get("accept-language"))


Handler = Annotated[Uploads, Depends(uploads_of)]
Language = Annotated[str, Depends(language)]


class Files(Container[str]):
    """The paths at which files are sent: they are read in pieces, with a limit of their own."""

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and re.fullmatch(r"/v1/imports/[0-9a-fA-F-]{36}/file", path) is not None


@router.post("/v1/imports", status_code=201, summary="Begin to import a register, or only to judge it")
async def ask(
    body: NewImport, caller: Registrar, handler: Handler, said_in: Language, dry_run: bool = False
) -> ImportState:
    """Say what will be sent; its file is sent next, to `…/file`. `dry_run=true`: all rows are judged, none is imported.
    422 names each fault of the mapping by its line."""
    return await handler.ask(caller, body.name, body.format, body.mapping, said_in, dry_run=dry_run)


@router.get("/v1/imports", summary="Imports, the newest first")
async def states(
    caller: Registrar,
    handler: Handler,
    said_in: Language,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ImportStates:
    """Everybody's of the department."""
    return await handler.states(after, limit, said_in)


@router.put("/v1/imports/{import_id}/file", status_code=202, summary="Send the file", openapi_extra=FILE)
async def send(
    import_id: UUID, request: Request, caller: Registrar, handler: Handler, said_in: Language
) -> ImportState:
    """Kept sealed until it is imported, refused or cancelled, a week at most, and removed then. Whoever
    asked for the import sends it. 409: no file is awaited any more, or too much is stored; 413: it is too large. Where
    no answer came, look at its standing: while it awaits its file, send it once more."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in KINDS or request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("unsupported-media-type")
    return await handler.receive(caller, import_id, request.stream(), said_in)


@router.get("/v1/imports/{import_id}", summary="How far an import is")
async def state(import_id: UUID, caller: Registrar, handler: Handler, said_in: Language) -> ImportState:
    """Its standing, the rows looked at and what became of them."""
    return await handler.state(import_id, said_in)


@router.get(
    "/v1/imports/{import_id}/faults",
    summary="The faults of rows, as a CSV file",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def faults(import_id: UUID, caller: Registrar, handler: Handler) -> StreamingResponse:
    """Row as a spreadsheet shows it, column, and why in English and Chinese, never the value; UTF-8 with its mark."""
    headers = {"content-disposition": f'attachment; filename="{import_id}.faults.csv"'}
    return StreamingResponse(await handler.faults(import_id), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/v1/imports/{import_id}/resume", summary="Let an import that stopped go on")
async def resume(import_id: UUID, caller: Registrar, handler: Handler, said_in: Language) -> ImportState:
    """Behind the last committed chunk. After a crash of the machine nobody need ask: it goes on by itself."""
    return await handler.resume(caller, import_id, said_in)


@router.delete("/v1/imports/{import_id}", summary="Cancel an import")
async def cancel(import_id: UUID, caller: Registrar, handler: Handler, said_in: Language) -> ImportState:
    """It ends behind the chunks under way, and its file is removed. What was committed stays, and is told of."""
    return await handler.cancel(caller, import_id, said_in)
