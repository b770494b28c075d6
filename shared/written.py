"""What stands in an address or a JSON body counts only as the published schema writes it.

pydantic reads texts kindly: "1.0", "1_0" and " 1" for a number, "yes" for true, a UUID without hyphens, seconds since
1970 for a day. The framework's JSON takes UTF-16, a byte order mark, NaN and members named twice. The OpenAPI documents
allow none of it, and what a contract refuses must not be accepted.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, get_args, get_origin
from uuid import UUID

from fastapi import Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.contracts.judge import parse_json
from shared.errors_faults import MESSAGES, NOT_VALID, Fault
from shared.errors_tree import Invalid, Problem

DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
FORMS: dict[type, tuple[re.Pattern[str], str]] = {
    bool: (re.compile("true|false"), "bool_parsing"),
    int: (re.compile("-?(0|[1-9][0-9]*)"), "int_parsing"),
    float: (re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"), "float_type"),
    UUID: (re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), "uuid_parsing"),
    date: (re.compile(DAY), "date_parsing"),
    datetime: (
        re.compile(DAY + r"[Tt]([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"),
        "datetime_parsing",
    ),
}


UNREADABLE = object()  # no schema takes it


class _ReadLater(Request):
    """A request whose body, where it is no JSON, is no trouble yet."""

    async def json(self) -> Any:
        """The body, or UNREADABLE, which `as_written` refuses in its turn."""
        try:
            return await super().json()
        except (ValueError, RecursionError):
            return UNREADABLE


class CallerFirst(APIRoute):
    """A route with a JSON body. The framework parses before it asks who is calling; here 401 and 403 come first."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override] # never None
        """As FastAPI documents routes with a request of their own."""
        serve: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

        async def served(request: Request) -> Response:
            return await serve(_ReadLater(request.scope, request.receive))

        return served


async def as_written(request: Request) -> None:
    """Refuse what is not written as the contract says; called once it is clear that the caller may call.

    Raises Invalid; Problem 415 for a body that is compressed, or no JSON where the contract says JSON.
    """
    route = request.scope.get("route")
    if isinstance(route, APIRoute):
        check_address(request, route)
        if route.body_field is not None and not isinstance(route.body_field.field_info, params.Form):
            check_body(request.headers, await request.body())  # the framework has read it already


def check_body(headers: Mapping[str, str], body: bytes) -> None:
    """Raise Problem 415 or Invalid for a body that is not strict JSON in UTF-8, as it is."""
    if not body:
        return
    kind, *parameters = headers.get("content-type", "").lower().replace(" ", "").split(";")
    charsets = {each for each in parameters if each.startswith("charset=")} - {"charset=utf-8", 'charset="utf-8"'}
    if kind != "application/json" or charsets or headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("unsupported-media-type")
    parse_json(body)


def check_address(request: Request, route: APIRoute) -> None:
    """Raise Invalid for path and query values in a form that the schema does not have; for NUL in a query."""
    faults = []
    for place, name, kind in declared_by(route):
        given = request.query_params.getlist(name) if place == "query" else [request.path_params[name]]
        for text in given:
            form, what = FORMS.get(kind, (None, ""))
            if form is not None and not form.fullmatch(text):
                faults.append(Fault(f"{place}/{name}", MESSAGES[what]))
            elif place == "query" and "\0" in text:  # no PostgreSQL text holds it; in a path it names nothing: 404
                faults.append(Fault(f"query/{name}", NOT_VALID))
    if faults:
        raise Invalid(faults=list(dict.fromkeys(faults)))


def declared_by(route: APIRoute) -> tuple[tuple[str, str, type], ...]:
    """The values that a route declares; found out once, for it is asked with every request. Routes have no hash, so
    they are known by where they are, and kept so that nothing else comes to be there."""
    known = _DECLARED.get(id(route))
    if known is None:
        known = _DECLARED[id(route)] = (route, tuple(declared(route.dependant)))
    return known[1]


_DECLARED: dict[int, tuple[APIRoute, tuple[tuple[str, str, type], ...]]] = {}


def declared(dependant: Dependant) -> Iterator[tuple[str, str, type]]:
    """The values of a dependency and of all that it depends on."""
    for place, fields in (("path", dependant.path_params), ("query", dependant.query_params)):
        for field in fields:
            yield place, field.alias, plain_type(field.field_info.annotation)
    for inner in dependant.dependencies:
        yield from declared(inner)


def plain_type(annotation: Any) -> type:
    """The type behind `Annotated` and `| None`; str for whatever else."""
    if get_origin(annotation) is Annotated:
        return plain_type(get_args(annotation)[0])
    for each in (annotation, *(plain_type(inner) for inner in get_args(annotation) if inner is not type(None))):
        if each in FORMS:
            known: type = each
            return known
    return str
