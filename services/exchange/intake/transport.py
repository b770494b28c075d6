"""CloudEvents over HTTP: which mode a request is in, and its messages. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote

import msgspec

from shared.contracts.judge import from_binary
from shared.errors import Fault, Invalid, Problem, Text, TooLarge

MOST_IN_BATCH = 1000
LARGEST_BODY = 8 * 1024 * 1024  # bytes
LARGEST_EVENT = 256 * 1024  # bytes

Mode = Literal["structured", "batch", "binary"]


def mode_of(headers: Mapping[str, str]) -> Mode:
    """Read the content mode from the headers. Raises Problem 415 for anything that is no CloudEvent."""
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("unsupported-media-type")
    kind, *parameters = headers.get("content-type", "").lower().split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            raise Problem("unsupported-media-type")
    match kind.strip():
        case "application/cloudevents+json":
            return "structured"
        case "application/cloudevents-batch+json":
            return "batch"
        case "application/json" if "ce-specversion" in headers:
            return "binary"
    raise Problem("unsupported-media-type")


def messages(mode: Mode, headers: Mapping[str, str], body: bytes) -> list[bytes]:
    """The raw bytes of each event in a body. Raises Invalid or TooLarge for a body that is no such thing at all."""
    if mode != "batch":
        if len(body) > LARGEST_EVENT:
            raise TooLarge
        return [body]
    try:
        raws = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Invalid(
            faults=[Fault("", Text("must be a JSON array of CloudEvents", "必须是 CloudEvent 的 JSON 数组"))]
        ) from None
    if len(raws) > MOST_IN_BATCH:
        raise TooLarge
    return [bytes(raw) for raw in raws]


def message_of(headers: Mapping[str, str], raw: bytes) -> Any:
    """The JSON form of one event in binary mode. Raises Invalid."""
    attributes: dict[str, str] = {}
    for name, value in headers.items():
        if name.startswith("ce-"):
            if name in attributes:
                raise Invalid(faults=[Fault(name, Text("stands twice", "重复出现"))])
            attributes[name] = attribute_of(name, value)
    return from_binary(attributes, raw)


QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def attribute_of(name: str, value: str) -> str:
    """An attribute's value from its header: unquoted, then percent-decoded once (CloudEvents HTTP binding 3.1.3.2)."""
    quoted = QUOTED.fullmatch(value)
    if quoted is not None:
        value = re.sub(r"\\(.)", r"\1", quoted[1])
    try:
        if value.isascii():
            return unquote(value, errors="strict")
    except UnicodeDecodeError:
        pass
    raise Invalid(faults=[Fault(name, Text("must be percent-encoded UTF-8", "必须是百分号编码的 UTF-8"))])
