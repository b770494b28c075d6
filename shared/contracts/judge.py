"""Judge one reported CloudEvent: strict, or refused with every fault named. Pure; the same for HTTP and Kafka."""

import hashlib
import json
from collections.abc import Callable, Container, Mapping
from typing import Any, NoReturn, TypeVar

import msgspec
from pydantic import ValidationError

from shared.contracts.catalogue import CATALOGUE, EventType
from shared.contracts.envelope import CloudEvent
from shared.contracts.values import Payload
from shared.errors import Fault, Forbidden, Invalid, Text, faults_of

T = TypeVar("T")
MOST_FAULTS = 100  # named one by one; an event of nothing but unknown fields would be answered with megabytes


class Judged(msgspec.Struct, frozen=True):
    """A CloudEvent that may be accepted: envelope, its catalogue entry, validated data and the canonical digest.

    `envelope` and `data` are models, or structs with the same attributes (shared/contracts/quick.py).
    """

    envelope: Any
    entry: EventType
    data: Any
    digest: bytes
    canonical: bytes


MOST_MEMBERS = 100  # no object of the contract has a third as many; more would only make a long list of faults


class TooMany(ValueError):
    """An object has more members than any of the contract."""


class TwiceNamed(ValueError):
    """A member name stands twice in one object."""


def unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse repeated members, since readers disagree on which one counts, and objects without end."""
    if len(pairs) > MOST_MEMBERS:
        raise TooMany
    members = dict(pairs)
    if len(members) != len(pairs):
        raise TwiceNamed
    return members


def refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity are not JSON."""
    raise ValueError(name)


NAMES_SCHEME = frozenset(entry.name for entry in CATALOGUE.values() if "scheme" in entry.model.model_fields)
ONLY_SUPERSEDING = Text("stands with corrections and annulments only", "仅可用于更正或撤销")
DECODER = json.JSONDecoder(object_pairs_hook=unique_members, parse_constant=refuse_constant)


def parse_json(raw: bytes) -> Any:
    """Parse JSON text in UTF-8. Raises Invalid (422) for anything else, without repeating the input."""
    try:
        return DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError:
        fault = Text("is not UTF-8", "不是 UTF-8 编码")
    except RecursionError:
        fault = Text("is nested too deeply", "嵌套过深")
    except TooMany:
        fault = Text("has an object with too many members", "对象成员过多")
    except TwiceNamed:
        fault = Text("names a member twice in one object", "同一对象中成员重名")
    except ValueError:
        fault = Text("is not well-formed JSON", "不是有效的 JSON")
    raise Invalid(faults=[Fault("", fault)])


def judge(
    message: Any,
    department: str,
    sources: Container[str] | None = None,
    schemes: Mapping[str, Container[str]] | None = None,
) -> Judged:
    """Judge one CloudEvent in its JSON form as reported by `department`.

    `sources`: the URNs provisioned for it; None where no provisioning is at hand (then any of its own form will do).
    `schemes`: the provisioned codes by kind, the first word of the types that name one; None in the same case.
    Raises Invalid (422, all faults by JSON pointer) or Forbidden (403: another's type or source).
    """
    if not isinstance(message, dict):
        raise Invalid(faults=[Fault("", Text("must be a CloudEvent, a JSON object", "必须是 CloudEvent（JSON 对象）"))])
    faults: list[Fault] = []
    envelope = validated(CloudEvent.model_validate, message, "", faults)
    name = message.get("type")
    entry = CATALOGUE.get(name) if isinstance(name, str) else None
    if entry is None:
        if isinstance(name, str):
            faults.append(Fault("/type", Text("is not in the catalogue", "不在目录中")))
        raise Invalid(faults=faults)
    may_report(message.get("source"), entry, department, sources)
    data = None
    if isinstance(message.get("data"), dict):  # else the envelope's fault says so
        data = validated(entry.adapter.validate_python, message["data"], "/data", faults)
    if schemes is not None and not scheme_is_provisioned(entry, data, schemes):
        faults.append(Fault("/data/scheme", Text("is not in the list of schemes", "不在项目清单中")))
    if data is not None and data.action == "created" and message.get("batchid") is not None:
        faults.append(Fault("/batchid", ONLY_SUPERSEDING))
    if faults or envelope is None or data is None:
        raise Invalid(faults=faults)
    try:
        content = canonical(envelope, data)
    except UnicodeEncodeError:
        not_unicode = Text("holds text that is not valid Unicode", "含有无效的 Unicode 文本")
        raise Invalid(faults=[Fault("", not_unicode)]) from None
    return Judged(envelope, entry, data, hashlib.sha256(content).digest(), content)


def validated(validate: Callable[[Any], T], document: Any, prefix: str, faults: list[Fault]) -> T | None:
    """What pydantic makes of the document; None, and its faults added, where it finds any."""
    try:
        return validate(document)
    except ValidationError as error:
        findings = error.errors(include_url=False, include_input=False)
        faults += faults_of(findings[:MOST_FAULTS], document, prefix=prefix)
        if (more := len(findings) - MOST_FAULTS) > 0:
            faults.append(Fault(prefix, Text(f"has {more} more faults", f"另有 {more} 处错误")))
        return None


def may_report(source: object, entry: EventType, department: str, sources: Container[str] | None) -> None:
    """Refuse another department's type or source. Raises Forbidden."""
    if department not in entry.reporters:
        raise Forbidden("not-your-type")
    if isinstance(source, str) and source.startswith("urn:"):
        own = source.startswith(f"urn:tenfold:{department}:")
        if not own or (sources is not None and source not in sources):
            raise Forbidden("not-your-source")


def scheme_is_provisioned(entry: EventType, data: Payload | None, schemes: Mapping[str, Container[str]]) -> bool:
    """Whether the scheme that the data names, if any, is provisioned for that kind of event (protection rule 5)."""
    if entry.name not in NAMES_SCHEME:
        return True
    code = getattr(data, "scheme", None)
    return code is None or code in schemes.get(entry.name.partition(".")[0], ())


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
    if "data" in attributes:
        raise Invalid(faults=[Fault("/data", Text("is the body, and no attribute", "应为正文，而非属性"))])
    return {**attributes, "data": parse_json(body)}
