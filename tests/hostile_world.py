"""Hostile callers: thousands of requests made from a service's own OpenAPI document, and a judge of every answer.

schemathesis makes the requests, half of them meant to be valid, half not. The judge is independent of it: whatever
came back as 2xx is held against the published schema by another validator. Derandomised, so that every run sends the
same; TENFOLD_HOSTILE=10 sends ten times as many, freshly drawn.
"""

import asyncio
import copy
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import httpx
import jsonschema_rs
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from shared.auth.caller import Caller
from shared.auth.issuer import Issuer
from shared.errors_text import ERRORS
from tests.routes import OPEN, RIGHTS

Json = dict[str, Any]
TIMES = int(os.environ.get("TENFOLD_HOSTILE", "1"))
LEAST = {  # cases, asserted where they are sent: 10,000 and more in all
    "exchange": 850,
    "exchange, nearly": 2_600,
    "registry": 900,
    "alerts": 500,
    "intake, changed": 5_760,
    "intake, drawn": 72,
}
FACILITY = "H370102011"
PROBLEM = "application/problem+json"
INTEGER, NUMBER = re.compile(r"-?(0|[1-9][0-9]*)"), re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
DAYS = ("2026-01-01", "2026-1-1", "20260101", "2026-W01-1", "2026-02-30", "1767225600", "0001-01-01", "9999-12-31")
INSTANTS = (
    "2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00+08:00",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T24:00:00Z", "2026-01-01T00:00Z",
    "2026-01-01T00:00:00+99:00", "1767225600", "2026-01-01",
)  # fmt: skip
NUMBERS = ("0", "1", "-1", "1.0", " 1", "1 ", "+1", "01", "1_0", "1e1", "0x1", "٣", "１", "nan", "9" * 20, "9" * 5_000)
NEAR_MISSES: dict[str, tuple[str, ...]] = {
    "integer": NUMBERS,
    "number": (*NUMBERS, "inf", "-0.5", "1e400"),
    "boolean": ("0", "1", "true", "True", "TRUE", "yes", "on", "t", "null"),
    "date": DAYS,
    "date-time": INSTANTS,
    "uuid": (
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b8109dad11d180b400c04fd430c8",
        "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b810-9dad-11d1-80b4-00c04fd430c",
    ),
    "string": (
        "\ufeff1", "\u202e", "王", "%", "%00", "' OR 1=1 --", "a" * 2_000, "accepted ", "ACCEPTED", "1:1", "1:-1",
        "1:" + "9" * 20, "00000000-0000-0000-0000-000000000000:0", "x:" + "9" * 400, *DAYS, *INSTANTS,
    ),
    "any": ("", " ", "None", "[]", "{}", "a\x00b", "\x00", "a\nb", "a\n", "\ud800"),
}  # fmt: skip
CALLERS = (
    Caller("somebody", "public-security", roles=frozenset({"reporter", "follower", "clerk", "reviewer"})),
    Caller("somebody", "health", roles=frozenset({"reporter", "follower", "clerk", "reviewer"})),
    Caller("official", "public-security", roles=frozenset({"clerk", "follower"}), purpose="household-registration"),
    Caller("official", "education", roles=frozenset({"clerk"}), purpose="school-planning"),
    Caller("official", "public-security", roles=frozenset({"clerk", "reviewer"}), purpose="identity-review"),
    Caller("official", "housing", roles=frozenset({"clerk"}), purpose="service-delivery"),
    Caller("watcher", roles=frozenset({"protection-officer", "administrator"}), purpose="audit"),
    Caller("counter", "statistics", roles=frozenset({"follower"}), purpose="statistics"),
    Caller("head", "housing", roles=frozenset({"administrator"})),
    Caller("head", "housing", roles=frozenset({"administrator"}), purpose="audit"),
    Caller("decider", "public-security", roles=frozenset({"clerk", "reviewer"}), purpose="correction"),
    Caller("protector", "public-security", roles=frozenset({"clerk"}), purpose="service-delivery"),
    Caller("admin", roles=frozenset({"administrator"})),
    Caller("watcher", roles=frozenset({"protection-officer"})),
    Caller("somebody", roles=frozenset({"citizen"})),
    Caller("nurse", "health", roles=frozenset({"care-worker"}), purpose="care", facility=FACILITY),
    Caller("head", "health", roles=frozenset({"supervisor"}), purpose="care", facility=FACILITY),
    Caller("doctor", "health", roles=frozenset({"care-worker", "supervisor"}), purpose="care", facility=FACILITY),
    *(
        Caller(name, service=name, roles=frozenset({"service"}))
        for name in ("exchange", "registry", "identity-provider")
    ),
)


def token_of(issuer: Issuer, who: Caller) -> str:
    """A bearer that says exactly this."""
    return issuer.issue(
        subject=who.subject,
        department=who.department,
        service=who.service,
        roles=who.roles,
        purpose=who.purpose,
        facility=who.facility,
    )


def document_of(app: FastAPI) -> Json:
    """The service's OpenAPI document, without its security schemes: who calls is ours to choose."""
    document = copy.deepcopy(app.openapi())
    document["components"].pop("securitySchemes", None)
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    return document


@dataclass
class Judge:
    """What the published document says of a request."""

    document: Json
    known: dict[str, jsonschema_rs.Validator] = field(default_factory=dict)

    def faults(self, method: str, path: str, request: httpx.Request) -> list[str]:
        """Why the document refuses the request; empty when it allows it."""
        operation = self.document["paths"][path][method.lower()]
        url = urlsplit(str(request.url))
        values: dict[tuple[str, str], str] = {("query", name): value for name, value in query_of(url.query)}
        values |= {("header", name.lower()): value for name, value in request.headers.items()}
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]*)", re.escape(path))
        found = re.fullmatch(pattern, request.url.path, re.DOTALL)
        values |= {("path", name): value for name, value in (found.groupdict() if found else {}).items()}
        wrong = []
        for parameter in operation.get("parameters", ()):
            place, name = parameter["in"], parameter["name"]
            if (place, name) in values:
                said = read(values[place, name], parameter["schema"])
                wrong += [f"{place} {name}: {why}" for why in self.against(parameter["schema"], said)]
            elif parameter.get("required"):
                wrong.append(f"{place} {name} is missing")
        return wrong + self.of_body(operation.get("requestBody"), request)

    def of_body(self, described: Json | None, request: httpx.Request) -> list[str]:
        if described is None:
            return []
        if not request.content:
            return ["the body is missing"] if described.get("required") else []
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        schema = described["content"].get(media, {}).get("schema")
        if media not in described["content"]:
            return [f"media type {media!r}"]
        if "json" not in media or media.endswith("ndjson"):
            return []  # lines and tables: their shape is no JSON Schema
        try:
            return self.against(schema, json.loads(request.content))
        except ValueError:
            return ["the body is no JSON"]

    def against(self, schema: Json, value: object) -> list[str]:
        """What a validator of JSON Schema 2020-12 with formats says."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self.known:
            whole = {**schema, "components": self.document["components"]}
            self.known[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [error.message[:200] for error in self.known[key].iter_errors(value)]


def near_misses(schema: Json) -> Sequence[str]:
    """Texts that are nearly of the type that is described."""
    kinds = {each.get("format") or each.get("type", "string") for each in schema.get("anyOf", (schema,))}
    return [text for kind in sorted((kinds & set(NEAR_MISSES)) | {"any"}) for text in NEAR_MISSES[kind]]


def query_of(query: str) -> Sequence[tuple[str, str]]:
    """Names and values, as a server reads them."""
    return parse_qsl(query, keep_blank_values=True)


def read(value: str, schema: Json) -> object:
    """What a text of the address stands for, by the type that is described: as JSON writes it, else the text."""
    kinds = {each.get("type") for each in (schema, *schema.get("anyOf", ()))}
    if "integer" in kinds and INTEGER.fullmatch(value):
        return int(value)
    if "number" in kinds and NUMBER.fullmatch(value):
        return float(value)
    if "boolean" in kinds and value in ("true", "false"):
        return value == "true"
    return value


def ill_formed(answer: httpx.Response) -> str | None:
    """What is wrong with a refusal: RFC 9457, with a type that is explained at /errors."""
    if answer.headers.get("content-type") != PROBLEM:
        return f"content type {answer.headers.get('content-type')}"
    body = json.loads(answer.content.decode("utf-8"))
    if body["status"] != answer.status_code or body["type"].removeprefix("/errors#") not in ERRORS:
        return f"status or type: {body}"
    if not (isinstance(body["title"], str) and isinstance(body["detail"], str) and body["title"] and body["detail"]):
        return f"title or detail: {body}"
    for fault in body.get("faults", ()):
        if set(fault) != {"pointer", "message"} or not all(isinstance(each, str) for each in fault.values()):
            return f"fault {fault}"
    return None


@dataclass
class Hostile:
    """A service under fire. `known`: path parameters that exist, put in place of every second one that was made up."""

    service: str
    app: FastAPI
    issuer: Issuer
    http: httpx.AsyncClient
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    chosen: dict[str, str] | None = None  # this caller and no other
    cases: int = 0
    succeeded: int = 0
    found: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.document = document_of(self.app)
        self.judge = Judge(self.document)

    def headers(self, name: str) -> list[dict[str, str]]:
        """Headers of everyone in CALLERS who may call `GET /path`."""
        if self.chosen is not None:
            return [self.chosen]
        if name in OPEN:
            return [{}]
        right = RIGHTS[self.service][name]
        return [{"authorization": f"Bearer {token_of(self.issuer, who)}"} for who in CALLERS if right.may(who)]

    async def fire(self, most: Mapping[str, int], usual: int, leave_out: Mapping[str, str]) -> None:
        """Send `usual` cases of either mode to every operation (`most`: other numbers, by name); note what is wrong."""
        loop = asyncio.get_running_loop()
        schema = schemathesis.openapi.from_dict(self.document)
        for result in schema.get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()
            name = f"{operation.method.upper()} {operation.path}"
            if name not in leave_out:
                await asyncio.to_thread(self.drawn, loop, operation, name, TIMES * most.get(name, usual))

    async def nearly(self, leave_out: Mapping[str, str]) -> None:
        """Give every parameter of every operation the texts that careless readers take for what they are not."""
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                name = f"{method.upper()} {path}"
                parameters = operation.get("parameters", ()) if name not in leave_out else ()
                usual = {each["name"]: self.usual(each) for each in parameters if each.get("required")}
                for parameter in parameters:
                    for text in near_misses(parameter["schema"]):
                        await self.told_nearly(name, usual | {parameter["name"]: text}, parameters)

    def usual(self, parameter: Json) -> str:
        """A value that exists, or might."""
        schema = parameter["schema"]
        usual = {"date": "2026-02-01", "uuid": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}.get(schema.get("format"), "a")
        return self.known.get(parameter["name"], [usual])[0]

    async def told_nearly(self, name: str, values: Mapping[str, str], parameters: Sequence[Json]) -> None:
        """One request with these parameters, without a body."""
        method, _, path = name.partition(" ")
        asked: dict[str, str] = {}
        for parameter in parameters:
            key = parameter["name"]
            if parameter["in"] == "path":
                path = path.replace(f"{{{key}}}", quote(values[key], safe="", errors="surrogatepass"))
            elif parameter["in"] == "query" and key in values:
                asked[key] = no_longer(values[key]) if key == "wait" else values[key]
        if "//" in path or path.endswith(("/", "/.", "/..")) or "/./" in path or "/../" in path:
            return  # another address
        self.cases += 1
        callers = self.headers(name)
        request = self.http.build_request(
            method,
            path + ("?" + urlencode(asked, errors="surrogatepass") if asked else ""),
            headers=callers[self.cases % len(callers)],
        )
        await self.sent(name, name.partition(" ")[2], request)

    def drawn(
        self, loop: asyncio.AbstractEventLoop, operation: APIOperation[Any, Any, Any, Any], name: str, most: int
    ) -> None:
        """Draw cases in a thread of their own; the requests are made by the loop in which the service runs."""
        callers = self.headers(name)
        assert callers, name

        def send(case: Case[Any]) -> None:
            request = self.request_of(case, callers[self.cases % len(callers)])
            asyncio.run_coroutine_threadsafe(self.sent(name, operation.path, request), loop).result()

        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                drawing(send, operation, mode, most)
            except Unsatisfiable:
                continue  # nothing to make wrong, or only one way to be right

    def request_of(self, case: Case[Any], caller: Mapping[str, str]) -> httpx.Request:
        """The request of a case, from this caller."""
        self.cases += 1
        values = dict(case.path_parameters or {})
        for name in set(values) & set(self.known):
            if self.cases % 2:
                values[name] = self.known[name][self.cases // 2 % len(self.known[name])]
        case.path_parameters = values
        told = case.as_transport_kwargs(base_url=str(self.http.base_url))
        if "wait" in (told.get("params") or {}):
            told["params"] = {**told["params"], "wait": no_longer(told["params"]["wait"])}
        headers = {**dict(told.get("headers") or {}), **caller}
        return self.http.build_request(
            told["method"],
            told["url"],
            params=told.get("params") or None,
            headers=sendable(headers),
            content=told.get("data") if "data" in told else None,
            json=told.get("json"),
        )

    async def sent(self, name: str, path: str, request: httpx.Request) -> None:
        """Send it, and note what is wrong with the answer."""
        method = name.partition(" ")[0]
        try:
            answer = await self.http.send(request)
        except Exception as error:
            return self.note(name, request, f"raised {type(error).__name__}: {str(error)[:300]}")
        if answer.status_code >= 500:
            return self.note(name, request, f"answered {answer.status_code}")
        if answer.status_code >= 400:
            if why := ill_formed(answer):
                self.note(name, request, f"a refusal ill formed: {why}")
        elif answer.is_success:
            self.succeeded += 1
            if faults := self.judge.faults(method, path, request):
                self.note(name, request, f"{answer.status_code} for what the schema refuses: {faults[:3]}")
        return None

    def note(self, name: str, request: httpx.Request, what: str) -> None:
        """One finding of a kind for each route is enough to read."""
        shape = re.sub(r"[0-9]+|'[^']*'|\"[^\"]*\"", "…", what)[:90]
        shown = f"{what}\n    {request.method} {request.url} {request.content[:400]!r}"
        self.found.setdefault(f"{name}: {shape}", shown)

    def report(self) -> str:
        """All findings, one paragraph each."""
        return "\n\n".join(f"{name}\n    {what}" for name, what in self.found.items())


def drawing(send: Any, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, most: int) -> None:
    """Give `send` up to `most` cases."""

    @settings(
        max_examples=most,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def draw(case: Case[Any]) -> None:
        send(case)

    draw()


def no_longer(wait: Any) -> Any:
    """Nobody waits here for entries that never come."""
    try:
        return 0 if 0 < float(wait) <= 30 else wait
    except (TypeError, ValueError):
        return wait


def sendable(headers: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """Headers as bytes; text outside Latin-1 goes as UTF-8, as careless programs send it."""
    return [(str(name).encode(), str(value).encode("utf-8", "surrogatepass")) for name, value in headers.items()]
