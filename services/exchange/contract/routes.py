"""The contract itself: catalogue, schemas and the meaning of every problem type. Public, readable offline."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from services.exchange.contract.asyncapi import document
from services.exchange.contract.page import sections
from shared.app import Service, service_of
from shared.contracts.catalogue import CATALOGUE, TYPES, full_type
from shared.contracts.schemas import schema_of
from shared.errors import NotFound
from shared.errors_text import ERRORS
from shared.sharing.departments import Departments
from shared.web.pages import Pages

router = APIRouter(tags=["contract"])
PAGES = Pages(Path(__file__).parent)


def provisioned(request: Request) -> Departments:
    """The departments as this process was started with them."""
    departments: Departments = request.app.state.departments
    return departments


Provisioned = Annotated[Departments, Depends(provisioned)]


@router.get("/v1/catalogue")
async def catalogue() -> dict[str, Any]:
    """Every event type: who may report it, where its schema is."""
    return {
        "page": "/catalogue",
        "types": [
            {"type": t.type, "reporters": sorted(t.reporters), "main": t.main, "schema": f"/schemas/{t.name}.json"}
            for t in TYPES
        ],
    }


@router.get("/schemas/{name}.json")
async def schema(name: str) -> dict[str, Any]:
    """JSON Schema of a type's `data`."""
    entry = CATALOGUE.get(full_type(name))
    if entry is None:
        raise NotFound
    return schema_of(entry)


@router.get("/catalogue", response_class=HTMLResponse)
async def catalogue_page(request: Request, departments: Provisioned) -> HTMLResponse:
    """The catalogue for people to read: types, members and examples, in Chinese and English."""
    reported, told, values = sections(departments)
    return PAGES.render(request, "catalogue.html", {"reported": reported, "told": told, "values": values})


@router.get("/asyncapi.json")
async def asyncapi(service: Annotated[Service, Depends(service_of)], departments: Provisioned) -> dict[str, Any]:
    """The Kafka edges in AsyncAPI 3: topics, messages and their schemas."""
    return document(list(departments.all()), service.settings.kafka_topics)


@router.get("/errors")
async def errors() -> dict[str, Any]:
    """Every problem type with its status and what to do, in both languages."""
    return {slug: text._asdict() for slug, text in sorted(ERRORS.items())}
