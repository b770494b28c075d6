"""The contract itself: catalogue, schemas and the meaning of every problem type. Public, readable offline."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from services.exchange.contract.asyncapi import document
from services.exchange.contract.page import problems, sections
from shared import clock
from shared.app import Service, service_of
from shared.contracts.catalogue import ACTIONS, CATALOGUE, TYPES, full_type
from shared.contracts.effects import CHANGES
from shared.contracts.schemas import file_of, schema_of
from shared.errors import NotFound
from shared.errors_text import ERRORS
from shared.sharing.departments import Departments
from shared.sharing.fields import FIELDS
from shared.web.pages import HEADERS, Pages

router = APIRouter(tags=["contract"])
PAGES = Pages(Path(__file__).parent)
VARIES = HEADERS["vary"]


def provisioned(request: Request) -> Departments:
    """The departments as this process was started with them."""
    departments: Departments = request.app.state.departments
    return departments


Provisioned = Annotated[Departments, Depends(provisioned)]
Shared = Annotated[Service, Depends(service_of)]


@router.get("/v1/catalogue")
async def catalogue() -> dict[str, Any]:
    """Every event type: who may report it, where its schema is."""
    return {
        "page": "/catalogue",
        "types": [
            {
                "type": t.type,
                "reporters": sorted(t.reporters),
                "main": t.main,
                "schema": f"/schemas/{file_of(t)}",
                "actions": list(ACTIONS),
                "changes": [name for name in FIELDS if name in CHANGES[t.name]],
            }
            for t in TYPES
        ],
    }


@router.get("/schemas")
async def schemas() -> dict[str, Any]:
    """Every schema there is, version by version; without a version the address gives the newest."""
    return {
        "schemas": [
            {"type": t.type, "schema": f"/schemas/{file_of(t)}", "newest": f"/schemas/{t.name}.json"} for t in TYPES
        ]
    }


@router.get("/schemas/{name}.json")
async def schema(name: str) -> dict[str, Any]:
    """JSON Schema of a type's `data`: `birth.certified.v1`, or `birth.certified` for its newest version."""
    entry = CATALOGUE.get(full_type(name))
    if entry is None:
        raise NotFound
    return schema_of(entry)


@router.get("/catalogue", response_class=HTMLResponse)
async def catalogue_page(request: Request, service: Shared, departments: Provisioned) -> HTMLResponse:
    """The catalogue for people to read: types, members, examples and who is told, in Chinese and English."""
    async with service.pool.acquire() as connection:
        agreements = await request.app.state.agreements.current(connection)
    reported, told, values = sections(departments, agreements, clock.today())
    return PAGES.render(request, "catalogue.html", {"reported": reported, "told": told, "values": values})


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
