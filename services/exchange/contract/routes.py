"""The contract itself: catalogue, schemas and the meaning of every problem type. Public, readable offline."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from services.exchange.contract.asyncapi import document, told_example
from services.exchange.contract.guide import STEPS
from services.exchange.contract.meanings import explained
from services.exchange.contract.page import problems, sections
from shared import clock
from shared.app import Service, service_of
from shared.contracts.catalogue import ACTIONS, CATALOGUE, TYPES, full_type
from shared.contracts.effects import CHANGES
from shared.contracts.entries import ENTRIES
from shared.contracts.examples import example_of
from shared.contracts.schemas import DRAFT, file_of, schema_of
from shared.errors import NotFound
from shared.errors_text import ERRORS
from shared.sharing.departments import Departments
from shared.sharing.fields import FIELDS
from shared.web.pages import HEADERS, Pages

router = APIRouter(tags=["contract"])
PAGES = Pages(Path(__file__).parent)
VARIES = HEADERS["vary"]


async def provisioned(request: Request) -> Departments:
    """The departments as this process was started with them."""
    departments: Departments = request.app.state.departments
    return departments


Provisioned = Annotated[Departments, Depends(provisioned)]
Shared = Annotated[Service, Depends(service_of)]


@router.get("/v1/catalogue")
async def catalogue(request: Request) -> dict[str, Any]:
    """Every event type: who may report it and from which systems, its schema and an example; every message that is
    told; the schemes that may be named. For people, and how to begin: /catalogue."""
    departments, schemes = await provisioned(request), request.app.state.intake.schemes
    return {
        "page": "/catalogue",
        "documents": ["/openapi.json", "/asyncapi.json", "/schemas", "/errors"],
        "types": [
            {
                "type": t.type,
                "reporters": sorted(t.reporters),
                "sources": {name: departments.get(name).sources for name in sorted(t.reporters)},
                "main": t.main,
                "schema": f"/schemas/{file_of(t)}",
                "actions": list(ACTIONS),
                "changes": [name for name in FIELDS if name in CHANGES[t.name]],
                "example": example_of(t),
            }
            for t in TYPES
        ],
        "messages": [
            {
                "type": t.type,
                "schema": f"/schemas/{t.name}.v1.json",
                "acknowledge": "acknowledge_by" in t.model.model_fields,
                "example": told_example(t),
            }
            for t in ENTRIES
        ],
        "schemes": {kind: sorted(codes) for kind, codes in schemes.items()},
    }


@router.get("/schemas")
async def schemas() -> dict[str, Any]:
    """Every schema there is, version by version; without a version the address gives the newest. `schemas`: of what is
    reported; `messages`: of what departments are told."""
    return {
        "schemas": [
            {"type": t.type, "schema": f"/schemas/{file_of(t)}", "newest": f"/schemas/{t.name}.json"} for t in TYPES
        ],
        "messages": [
            {"type": t.type, "schema": f"/schemas/{t.name}.v1.json", "newest": f"/schemas/{t.name}.json"}
            for t in ENTRIES
        ],
    }


@router.get("/schemas/{name}.json")
async def schema(name: str) -> dict[str, Any]:
    """JSON Schema of a type's `data`: `birth.certified.v1`, or `birth.certified` for its newest version. Of what is
    told it is open: members that it does not name may come."""
    entry = CATALOGUE.get(full_type(name))
    if entry is not None:
        return explained(schema_of(entry))
    for told in ENTRIES:
        if name.removeprefix("cn.tenfold.") in (told.name, f"{told.name}.v1"):
            schema = explained(told.model.model_json_schema())
            return {"$schema": DRAFT, "$id": f"/schemas/{told.name}.v1.json", **schema}
    raise NotFound


@router.get("/catalogue", response_class=HTMLResponse)
async def catalogue_page(request: Request, service: Shared, departments: Provisioned) -> HTMLResponse:
    """The catalogue for people to read: types, members, examples and who is told, in Chinese and English."""
    async with service.pool.acquire() as connection:
        agreements = await request.app.state.agreements.current(connection)
    reported, told, values = sections(departments, agreements, clock.today())
    shown = {"steps": STEPS, "reported": reported, "told": told, "values": values}
    return PAGES.render(request, "catalogue.html", shown)


@router.get("/asyncapi.json")
async def asyncapi(service: Shared, departments: Provisioned) -> dict[str, Any]:
    """The Kafka edges in AsyncAPI 3: topics, messages and their schemas."""
    return document(list(departments.all()), service.settings.kafka_topics)


@router.get("/errors", response_model=dict[str, Any])
async def errors(request: Request) -> Response:
    """Every problem type with its status and what to do, in both languages; for a browser as a page, on which the
    `type` of a problem leads to its place."""
    if "text/html" in request.headers.get("accept", ""):
        return PAGES.render(request, "errors.html", {"problems": problems()}, headers={"vary": f"Accept, {VARIES}"})
    return JSONResponse({slug: text._asdict() for slug, text in sorted(ERRORS.items())}, headers={"vary": "Accept"})
