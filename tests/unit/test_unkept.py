"""JSON about people is kept by no browser and no proxy; the public contract and statistics say it themselves."""

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse

from shared.unkept import UnkeptAnswers


@pytest.fixture
def answering() -> httpx.AsyncClient:
    """An application with routes of all kinds."""
    app = FastAPI()
    app.add_middleware(UnkeptAnswers)

    @app.get("/v1/people")
    @app.get("/v1/statistics/births")
    @app.get("/v1/statisticsandmore")
    @app.get("/schemas/birth.json")
    async def people() -> dict[str, str]:
        return {"name": "Li Wei"}

    @app.get("/v1/fixed")
    async def fixed(response: Response) -> dict[str, str]:
        response.headers["Cache-Control"] = "private, max-age=60"
        return {}

    @app.get("/v1/text", response_class=PlainTextResponse)
    async def text() -> str:
        return "a"

    @app.get("/v1/gone", status_code=410, response_model=None)
    async def gone() -> Response:
        return Response(b"{}", 410, media_type="application/problem+json")

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/people", ["no-store"]),
        ("/v1/statisticsandmore", ["no-store"]),
        ("/v1/unknown", ["no-store"]),
        ("/v1/gone", ["no-store"]),
        ("/v1/fixed", ["private, max-age=60"]),
        ("/v1/text", []),
        ("/v1/statistics/births", []),
        ("/schemas/birth.json", []),
        ("/openapi.json", []),
    ],
)
async def test_json_is_not_kept_where_nothing_else_is_said(
    answering: httpx.AsyncClient, path: str, said: list[str]
) -> None:
    assert (await answering.get(path)).headers.get_list("cache-control") == said
