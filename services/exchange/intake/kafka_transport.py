"""CloudEvents over Kafka (its Kafka binding, 1.0.2): which mode a record is in, and its message. Pure."""

from typing import Any

from services.exchange.intake.transport import LARGEST_EVENT
from shared.contracts.judge import from_binary, parse_json
from shared.errors import Fault, Invalid, Problem, Text, TooLarge
from shared.kafka.values import Record

PREFIX = "ce_"
STRUCTURED = "application/cloudevents+json"
NOT_TEXT = Text("is not UTF-8", "不是 UTF-8 编码")
TWICE = Text("stands twice", "重复出现")
NO_VALUE = Text("has no value: nothing can be deleted by a null record", "没有值：空记录不能删除任何内容")


def message_of(record: Record) -> Any:
    """The JSON form of a record's event. Raises Invalid, TooLarge, or Problem 415 for what is no CloudEvent.

    Structured: content-type application/cloudevents+json, or neither that header nor any `ce_` header. Binary: `ce_`
    headers with the attributes in UTF-8, data in the value. The key is for the department's own ordering, and ignored.
    """
    if record.value is None:
        raise Invalid(faults=[Fault("", NO_VALUE)])
    if len(record.value) > LARGEST_EVENT:
        raise TooLarge
    kind = media_type(record)
    attributes = attributes_of(record)
    if kind == STRUCTURED or (kind in ("", "application/json") and not attributes):
        return parse_json(record.value)
    if kind in ("", "application/json"):
        return from_binary(attributes, record.value, PREFIX)
    raise Problem("unsupported-media-type")


def media_type(record: Record) -> str:
    """The content-type without parameters, "" without one. Raises Problem 415 for another charset than UTF-8."""
    kind, *parameters = (record.header("content-type") or b"").decode("latin-1").lower().split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            raise Problem("unsupported-media-type")
    return kind.strip()


def attributes_of(record: Record) -> dict[str, str]:
    """The `ce_` headers. Raises Invalid for one that stands twice (readers disagree which counts) or is no text."""
    attributes: dict[str, str] = {}
    faults: list[Fault] = []
    for name, value in record.headers:
        if not name.startswith(PREFIX) or value is None:
            continue
        if name in attributes:
            faults.append(Fault(name, TWICE))
        try:
            attributes[name] = value.decode("utf-8")
        except UnicodeDecodeError:
            faults.append(Fault(name, NOT_TEXT))
    if faults:
        raise Invalid(faults=faults)
    return attributes
