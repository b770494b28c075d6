"""Values of an address are read as the schema writes them, and in no other form, after the caller was judged."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query

from shared.errors import install
from shared.written import as_written

router = APIRouter(dependencies=[Depends(as_written)])
SOME = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"


@router.get("/lists/{name}/{key}")
async def lists(
    name: str,
    key: UUID,
    limit: Annotated[int, Query(ge=1)] = 7,
    wait: float = 0,
    all_of_them: Annotated[bool, Query(alias="all")] = False,
    on: date | None = None,
    since: Annotated[datetime | None, Query()] = None,
    word: str = "",
) -> dict[str, str]:
    """Something with a value of every type."""
    return {"name": name, "limit": str(limit)}


async def faults(path: str) -> list[str]:
    app = FastAPI()
    install(app)
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http:
        answer = await http.get(path)
    if answer.status_code == 200:
        return []
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    return [fault["pointer"] for fault in answer.json()["faults"]]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?limit=12&wait=0.5&all=true&on=2026-02-28&since=2026-02-28T08:00:00%2B08:00",
        "?wait=1e0&all=false&since=2026-02-28t08:00:00.25z&unknown=%00",
    ],
)
async def test_what_the_schema_writes_is_taken(query: str) -> None:
    assert await faults(f"/lists/a%20b/{SOME}{query}") == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        *((f"?limit={text}", "query/limit") for text in ("1.0", "%201", "1_0", "%2B1", "01", "1e1", "", "%D9%A3")),
        *((f"?wait={text}", "query/wait") for text in ("nan", "inf", "1_0", ".5", "%201")),
        *((f"?all={text}", "query/all") for text in ("1", "yes", "True", "on", "")),
        *((f"?on={text}", "query/on") for text in ("1767225600", "2026-1-1", "20260101", "2026-01-01T00:00:00")),
        *((f"?since={text}", "query/since") for text in ("1767225600", "2026-01-01", "2026-01-01T24:00:00Z")),
        ("?limit=2&limit=x", "query/limit"),
    ],
)
async def test_other_ways_of_writing_are_faults(query: str, pointer: str) -> None:
    assert await faults(f"/lists/a/{SOME}{query}") == [pointer]


async def test_a_uuid_has_its_hyphens_and_no_query_holds_nul() -> None:
    assert await faults(f"/lists/a/{SOME.replace('-', '')}") == ["path/key"]
    assert await faults(f"/lists/a/{SOME}?word=a%00") == ["query/word"]
