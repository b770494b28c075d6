"""Addresses and JSON bodies are read as the schema writes them, and in no other form, after the caller was judged."""

import gzip
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from pydantic import BaseModel

from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Unauthenticated, install
from shared.rates import Rates
from shared.written import CallerFirst, as_written

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


bodied = APIRouter(route_class=CallerFirst)
GOOD = b'{"reason": "\xe7\x8e\x8b"}'
JSON, ASKED = "application/json", {"authorization": "administrator"}


class Said(BaseModel):
    """A body."""

    reason: str


async def known(request: Request) -> Caller:
    """Whoever names a role has it."""
    if "authorization" not in request.headers:
        raise Unauthenticated
    return Caller("somebody", roles=frozenset({request.headers["authorization"]}))


@bodied.post("/said")
async def said(body: Said, who: Annotated[Caller, Depends(require("administrator", by=known))]) -> str:
    """Something with a body."""
    return body.reason


async def answered(body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    app = FastAPI()
    install(app)
    app.state.rates = Rates({"requests": 0})
    app.include_router(bodied)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http:
        answer = await http.post("/said", content=body, headers=headers)
    return answer.status_code, "" if answer.is_success else answer.json()["type"].removeprefix("/errors#")


TYPES_TAKEN = (
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
)
INVALID, UNSUPPORTED = (422, "invalid"), (415, "unsupported-media-type")
REFUSED: list[tuple[str, bytes, dict[str, str], tuple[int, str]]] = [
    ("UTF-16 with its mark", GOOD.decode().encode("utf-16"), {"content-type": JSON}, INVALID),
    ("UTF-16 without", GOOD.decode().encode("utf-16-le"), {"content-type": JSON}, INVALID),
    ("UTF-32", GOOD.decode().encode("utf-32-be"), {"content-type": JSON}, INVALID),
    ("a byte order mark", b"\xef\xbb\xbf" + GOOD, {"content-type": JSON}, INVALID),
    ("not UTF-8", b'{"reason": "\xff"}', {"content-type": JSON}, INVALID),
    ("NaN", b'{"reason": "x", "more": NaN}', {"content-type": JSON}, INVALID),
    ("Infinity", b'{"reason": "x", "more": -Infinity}', {"content-type": JSON}, INVALID),
    ("a member named twice", b'{"reason": "x", "reason": "x"}', {"content-type": JSON}, INVALID),
    ("a member named twice further in", b'{"reason": "x", "more": {"a": 1, "a": 1}}', {"content-type": JSON}, INVALID),
    ("cut off", b'{"reason": ', {"content-type": JSON}, INVALID),
    ("nested without end", b"[" * 100_000, {"content-type": JSON}, INVALID),
    ("nothing", b"", {"content-type": JSON}, INVALID),
    ("no type", GOOD, {}, UNSUPPORTED),
    ("text", GOOD, {"content-type": "text/plain"}, UNSUPPORTED),
    ("JSON of another kind", GOOD, {"content-type": "application/merge-patch+json"}, UNSUPPORTED),
    ("another charset", GOOD, {"content-type": "application/json; charset=gb18030"}, UNSUPPORTED),
    ("compressed", gzip.compress(GOOD), {"content-type": JSON, "content-encoding": "gzip"}, UNSUPPORTED),
    ("said to be compressed", GOOD, {"content-type": JSON, "content-encoding": "br"}, UNSUPPORTED),
]


@pytest.mark.parametrize("kind", TYPES_TAKEN)
async def test_strict_json_in_utf_8_is_taken(kind: str) -> None:
    assert await answered(GOOD, ASKED | {"content-type": kind}) == (200, "")


@pytest.mark.parametrize(("body", "headers", "refused"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_no_other_body_is_taken_and_who_may_not_call_learns_nothing_of_it(
    body: bytes, headers: dict[str, str], refused: tuple[int, str]
) -> None:
    assert await answered(body, ASKED | headers) == refused
    assert await answered(body, {"authorization": "clerk"} | headers) == (403, "role-required")
    assert await answered(body, headers) == (401, "unauthenticated")
