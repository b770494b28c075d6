"""The contract itself: catalogue, schemas and the meaning of every problem type. Public, readable offline."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from services.exchange.contract.asyncapi import document
from shared.app import Service, service_of
from shared.contracts.catalogue import CATALOGUE, TYPES, full_type
from shared.contracts.schemas import schema_of
from shared.errors import NotFound
from shared.errors_text import ERRORS
from shared.sharing.departments import Departments

router = APIRouter(tags=["contract"])


@router.get("/v1/catalogue")
async def catalogue() -> dict[str, Any]:
    """Every event type: who may report it, where its schema is."""
    return {
        "types": [
            {"type": t.type, "reporters": sorted(t.reporters), "main": t.main, "schema": f"/schemas/{t.name}.json"}
            for t in TYPES
        ]
    }


@router.get("/schemas/{name}.json")
async def schema(name: str) -> dict[str, Any]:
    """JSON Schema of a type's `data`."""
    entry = CATALOGUE.get(full_type(name))
    if entry is None:
        raise NotFound
    return schema_of(entry)


@router.get("/asyncapi.json")
async def asyncapi(service: Annotated[Service, Depends(service_of)]) -> dict[str, Any]:
    """The Kafka edges in AsyncAPI 3: topics, messages and their schemas."""
    departments = Departments.load(service.settings.provisioning)
    return document(list(departments.all()), service.settings.kafka_topics)


@router.get("/errors")
async def errors() -> dict[str, Any]:
    """Every problem type with its status and what to do, in both languages."""
    return {slug: text._asdict() for slug, text in sorted(ERRORS.items())}
