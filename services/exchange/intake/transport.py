"""CloudEvents over HTTP: which mode a request is in, and its messages. Pure."""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote

import msgspec

from shared.contracts.judge import from_binary, parse_json
from shared.errors import Fault, Invalid, Problem, Text, TooLarge

MOST_IN_BATCH = 1000
LARGEST_BODY = 8 * 1024 * 1024  # bytes
LARGEST_EVENT = 256 * 1024  # bytes

Mode = Literal["structured", "batch", "binary"]


def mode_of(headers: Mapping[str, str]) -> Mode:
    """Read the content mode from the headers. Raises Problem 415 for anything that is no CloudEvent."""
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("unsupported-media-type")
    kind, _, parameters = headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"') if "charset=" in parameters else "utf-8"
    if charset not in ("utf-8", "utf8"):
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
        raise Invalid(faults=[Fault("", Text("must be a JSON array of CloudEvents", "必须是 CloudEvent 的 JSON 数组"))]) from None
    if len(raws) > MOST_IN_BATCH:
        raise TooLarge
    return [bytes(raw) for raw in raws]


def message_of(mode: Mode, headers: Mapping[str, str], raw: bytes) -> Any:
    """The JSON form of one event. Raises Invalid; a single event of a batch may be refused alone."""
    if len(raw) > LARGEST_EVENT:
        raise TooLarge
    if mode != "binary":
        return parse_json(raw)
    # CloudEvents HTTP binding 3.1.3.2: attribute values are percent-encoded in headers.
    attributes = {name: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    return from_binary(attributes, raw)
