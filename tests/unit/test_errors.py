"""Every refusal is a problem the caller can act on, in their language, and quotes nothing they sent."""

import json
import logging
from collections.abc import AsyncIterator, MutableMapping
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import FastAPI, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from starlette.exceptions import HTTPException
from structlog.testing import capture_logs

from shared.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    RuleBroken,
    Text,
    TooLarge,
    Unauthenticated,
    Unavailable,
    declare,
    faults_of,
    install,
    language_of,
)
from shared.errors_faults import MESSAGES
from shared.errors_text import ERRORS, ErrorText

SECRET = "11010119900307123X"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    name: str = Field(max_length=5)
    sex: Literal["male", "female"] = "male"
    number: str = "ok"
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []

    @field_validator("number")
    @classmethod
    def known(cls, value: str) -> str:
        if value == SECRET:
            raise RuleBroken("has a wrong check character", "校验码不正确")
        if value != "ok":
            raise ValueError(f"invalid literal: {value}")
        return value


def build() -> FastAPI:
    app = FastAPI()
    install(app)

    @app.post("/bodies")
    async def bodies(body: Body, limit: Annotated[int, Query(le=10)] = 1) -> str:
        return body.name

    @app.get("/refused")
    async def refused() -> None:
        raise Conflict("feed-reset", epoch="e", detail=Text("begin again", "请重新开始"))

    @app.get("/failed")
    async def failed() -> None:
        try:
            raise ValueError(f"row of {SECRET}")
        except ValueError as error:
            raise RuntimeError(f"Key (number)=({SECRET}) already exists") from error

    @app.get("/broken")
    async def broken() -> StreamingResponse:
        async def lines() -> AsyncIterator[bytes]:
            yield b"one"
            raise RuntimeError(SECRET)

        return StreamingResponse(lines())

    @app.get("/unchanged")
    async def unchanged() -> None:
        raise HTTPException(304, headers={"ETag": "x"})

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418, f"no {SECRET}", headers={"X-Pot": "tea"})

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build()), base_url="http://test") as http:
        yield http


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (Unauthenticated(), 401),
        (Forbidden(), 403),
        (NotFound(), 404),
        (Conflict(), 409),
        (TooLarge(), 413),
        (Invalid(), 422),
        (Unavailable(), 503),
    ],
)
def test_each_kind_has_its_status_and_type(problem: Problem, status: int) -> None:
    assert problem.status == status
    assert problem.body()["type"] == f"/errors#{problem.slug}"
    assert problem.body()["status"] == status
    assert problem.body("zh-CN")["title"] == problem.text.title_zh != problem.title


def test_unavailable_says_when_to_come_back() -> None:
    assert Unavailable(retry_after=30).headers == {"Retry-After": "30"}


def test_every_problem_type_is_explained_in_both_languages() -> None:
    for slug, text in ERRORS.items():
        assert 400 <= text.status < 600
        assert all(text[1:]), slug
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.title_zh + text.what_to_do_zh), slug
        assert slug == slug.lower().replace("_", "-")


def test_a_slug_nobody_declared_is_a_mistake_in_our_code() -> None:
    with pytest.raises(KeyError):
        Conflict("never-declared")


def test_a_service_declares_its_own_types_and_a_slug_keeps_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.errors_text.ERRORS", dict(ERRORS))
    text = ErrorText(409, "a", "甲", "b", "乙")
    declare("test-only", text)
    declare("test-only", text)
    with pytest.raises(ValueError, match="already declared"):
        declare("test-only", text._replace(status=410))


async def test_a_problem_is_answered_in_the_callers_language(client: httpx.AsyncClient) -> None:
    english = await client.get("/refused")
    assert english.headers["content-type"] == "application/problem+json"
    assert english.json() == {
        "type": "/errors#feed-reset",
        "title": ERRORS["feed-reset"].title_en,
        "status": 409,
        "detail": "begin again",
        "epoch": "e",
    }
    chinese = await client.get("/refused", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert chinese.json()["detail"] == "请重新开始"
    assert chinese.json()["title"] == ERRORS["feed-reset"].title_zh
    assert (chinese.headers["content-language"], chinese.headers["vary"]) == ("zh-CN", "Accept-Language")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("fr", "en"),
        ("zh", "zh-CN"),
        ("zh-Hant-TW", "zh-CN"),
        ("en, zh;q=0.5", "en"),
        ("zh;q=0.4, en;q=0.5", "en"),
        ("fr, zh;q=0.1", "zh-CN"),
        ("zh;q=0", "en"),
        ("zh;q=nonsense", "en"),
    ],
)
def test_the_language_is_the_one_ranked_higher(header: str | None, language: str) -> None:
    assert language_of(header) == language


async def test_a_broken_contract_names_every_place_and_no_value(client: httpx.AsyncClient) -> None:
    sent = {
        "name": SECRET,
        "sex": SECRET,
        "number": SECRET,
        "more": SECRET,
        "pets": [{"kind": "cat"}, {"kind": SECRET}],
    }
    answer = await client.post(f"/bodies?limit={SECRET}", json=sent, headers={"Accept-Language": "zh"})
    assert answer.status_code == 422
    assert SECRET not in answer.text
    faults = {fault["pointer"]: fault["message"] for fault in answer.json()["faults"]}
    assert faults == {
        "query/limit": "必须是整数",
        "/name": "最多 5 个字符",
        "/sex": "必须是以下之一：'male' or 'female'",
        "/number": "校验码不正确",
        "/pets/0/lives": "必填",
        "/pets/1": "类别必须是以下之一：'cat', 'dog'",
        "/more": "不属于接口约定的字段",
    }


async def test_a_value_error_that_quotes_the_value_is_not_repeated(client: httpx.AsyncClient) -> None:
    answer = await client.post("/bodies", json={"name": "a", "number": "Zhang San"})
    assert "Zhang" not in answer.text
    assert answer.json()["faults"] == [{"pointer": "/number", "message": "is not valid"}]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", SECRET.encode()])
async def test_a_body_that_is_no_json_is_malformed(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/bodies", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["type"] == "/errors#malformed"
    assert SECRET not in answer.text


async def test_unknown_addresses_and_methods_are_problems_too(client: httpx.AsyncClient) -> None:
    missing = await client.get(f"/people/{SECRET}")
    assert missing.status_code == 404
    assert missing.json() == NotFound().body()
    wrong = await client.delete("/bodies")
    assert (wrong.status_code, wrong.json()["type"]) == (405, "/errors#method-not-allowed")
    assert wrong.headers["allow"] == "POST"


async def test_the_frameworks_own_words_are_dropped(client: httpx.AsyncClient) -> None:
    answer = await client.get("/teapot")
    assert (answer.status_code, answer.json()["status"], answer.headers["x-pot"]) == (418, 418, "tea")
    assert SECRET not in answer.text


async def test_an_answer_that_is_no_refusal_is_no_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/unchanged")
    assert (answer.status_code, answer.headers["etag"], answer.content) == (304, "x", b"")


async def test_starting_and_stopping_pass_through_the_last_resort() -> None:
    told = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    said: list[str] = []

    async def receive() -> dict[str, str]:
        return next(told)

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message["type"])

    await build()({"type": "lifespan", "state": {}}, receive, send)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_an_unexpected_error_is_a_500_that_neither_answer_nor_log_quotes(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs() as entries:
        answer = await client.get("/failed")
    assert answer.status_code == 500
    assert answer.json() == Problem("internal").body()
    (entry,) = entries
    assert (entry["event"], entry["error"]) == ("request_failed", "RuntimeError")
    assert entry["where"][-1].startswith("test_errors.py:")
    assert SECRET not in str(entries) + caplog.text


async def test_an_answer_that_breaks_half_way_is_cut_without_the_cause(client: httpx.AsyncClient) -> None:
    with capture_logs(), pytest.raises(Exception) as cut:
        await client.get("/broken")
    assert type(cut.value).__name__ == "_AnswerBroken"
    assert cut.value.__cause__ is None
    assert cut.value.__context__ is None


def test_faults_of_a_part_carry_the_pointer_of_the_whole() -> None:
    with pytest.raises(ValidationError) as found:
        Body.model_validate({"name": 1, "a/b~c": 2})
    assert faults_of(found.value.errors(), prefix="/data") == [
        Fault("/data/name", MESSAGES["string_type"]),
        Fault("/data/a~1b~0c", MESSAGES["extra_forbidden"]),
    ]


def test_a_finding_without_the_limits_its_sentence_needs_is_still_a_fault() -> None:
    finding = {"type": "string_too_long", "loc": ("name",), "ctx": {}}
    assert faults_of([finding]) == [Fault("/name", Text("is not valid", "不符合要求"))]


def test_names_of_union_members_are_not_part_of_a_pointer() -> None:
    document = {"list": ["x"]}
    with pytest.raises(ValidationError) as found:
        TypeAdapter(dict[str, list[int | bool] | int]).validate_python(document, strict=True)
    assert {fault.pointer for fault in faults_of(found.value.errors(), document)} == {"/list/0", "/list"}


def test_a_problem_prints_as_its_slug_only() -> None:
    assert str(Invalid(faults=[Fault("/name", "x")])) == "invalid"
    assert json.dumps(Invalid(faults=[Fault("/name", "x")]).body())
