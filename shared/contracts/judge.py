"""Judge one reported CloudEvent: parsed, strict, or refused with every fault named. Pure; the same for HTTP and Kafka."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import msgspec
from pydantic import ValidationError

from shared.contracts.catalogue import CATALOGUE, EventType
from shared.contracts.envelope import CloudEvent
from shared.contracts.values import Payload
from shared.errors import Fault, Forbidden, Invalid


@dataclass(frozen=True)
class Judged:
    """A CloudEvent that may be accepted: envelope, its catalogue entry, validated data and the canonical digest."""

    envelope: CloudEvent
    entry: EventType
    data: Payload
    digest: bytes
    canonical: bytes


def unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse repeated members: readers disagree on which one counts."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member name stands twice in one object")
    return members


def refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity are not JSON."""
    raise ValueError(f"{name} is not JSON")


def parse_json(raw: bytes) -> Any:
    """Parse JSON text in UTF-8. Raises Invalid (422) for anything else, without repeating the input."""
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=unique_members, parse_constant=refuse_constant)
    except UnicodeDecodeError:
        fault = "the body is not UTF-8"
    except RecursionError:
        fault = "the body is nested too deeply"
    except json.JSONDecodeError as error:
        fault = f"the body is not JSON (line {error.lineno}, column {error.colno})"
    except ValueError as error:
        fault = str(error) if "member name" in str(error) or "not JSON" in str(error) else "a number is too long"
    raise Invalid("malformed-json", faults=[Fault("", fault)])


def pointer(prefix: str, location: Sequence[int | str]) -> str:
    """RFC 6901 pointer of a pydantic error location."""
    return prefix + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def faults_of(error: ValidationError, prefix: str = "") -> list[Fault]:
    """Every fault with its pointer; input values are left out, they may be personal data."""
    return [
        Fault(pointer(prefix, fault["loc"]), fault["msg"].removeprefix("Value error, "))
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def judge(message: Any, department: str) -> Judged:
    """Judge one CloudEvent in its JSON form as reported by `department`.

    Raises Invalid (422, all faults by JSON pointer) or Forbidden (403: another's type or source).
    """
    if not isinstance(message, dict):
        raise Invalid("invalid-event", faults=[Fault("", "a CloudEvent is a JSON object")])
    faults: list[Fault] = []
    envelope = None
    try:
        envelope = CloudEvent.model_validate(message)
    except ValidationError as error:
        faults += faults_of(error)
    name = message.get("type")
    entry = CATALOGUE.get(name) if isinstance(name, str) else None
    if entry is None:
        if isinstance(name, str):
            faults.append(Fault("/type", "this type is not in the catalogue"))
        raise Invalid("invalid-event", faults=faults)
    if department not in entry.reporters:
        raise Forbidden("reporter-not-allowed")
    source = message.get("source")
    if isinstance(source, str) and source.startswith("urn:") and not source.startswith(f"urn:tenfold:{department}:"):
        raise Forbidden("source-not-yours")
    data = None
    try:
        data = entry.adapter.validate_python(message.get("data"))
    except ValidationError as error:
        faults += [fault for fault in faults_of(error, "/data") if fault not in faults]
    if envelope is None or data is None or faults:
        raise Invalid("invalid-event", faults=faults)
    try:
        content = canonical(envelope, data)
    except UnicodeEncodeError:
        raise Invalid("invalid-event", faults=[Fault("", "a text is not valid Unicode")]) from None
    return Judged(envelope, entry, data, hashlib.sha256(content).digest(), content)


def canonical(envelope: CloudEvent, data: Payload) -> bytes:
    """RFC 8785 form of type, source, id, subject, time and validated data: what "same content" compares.

    msgspec's sorted encoding equals RFC 8785 for our values (ASCII names, no floats); a property test holds it.
    """
    content = {
        "type": envelope.type,
        "source": envelope.source,
        "id": envelope.id,
        "subject": envelope.subject,
        "time": envelope.time.isoformat(),
        "data": data.model_dump(mode="json", exclude_none=True),
    }
    return msgspec.json.encode(content, order="sorted")



def from_binary(headers: Mapping[str, str], body: bytes, prefix: str = "ce-") -> dict[str, Any]:
    """Build the JSON form from the binary mode: attributes in `ce-` (Kafka: `ce_`) headers, data in the body."""
    attributes: dict[str, Any] = {
        name[len(prefix) :]: value for name, value in headers.items() if name.startswith(prefix)
    }
    return {**attributes, "data": parse_json(body)}
