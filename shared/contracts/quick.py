"""Judge an ordinary event in less than half the time: accepted for certain, or left to the judge. Pure.

What is accepted here, `judge` accepts with the same content (tests/property/test_quick.py). Everything else, faulty or
only unusual, is no finding: the judge alone refuses, and says why.
"""

import hashlib
from collections.abc import Callable, Container, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import msgspec

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.envelope import CloudEvent, instant
from shared.contracts.judge import Judged, scheme_is_provisioned
from shared.contracts.ruled import struct_of


class Envelope(msgspec.Struct, frozen=True):
    """What is needed of a CloudEvent that was accepted."""

    type: str
    source: str
    id: str
    subject: str
    time: datetime
    batchid: str | None


class Content(msgspec.Struct, frozen=True):
    """What `judge.canonical` encodes, the members in the order of their names, as in all structs of the catalogue."""

    data: Any
    id: str
    source: str
    subject: str
    time: str
    type: str


ENCODE: Final = msgspec.json.Encoder().encode
DECODE: Final[Callable[[bytes], Any]] = msgspec.json.Decoder(struct_of(CloudEvent)).decode
DECODERS: Final[Mapping[str, Callable[[msgspec.Raw], Any]]] = {
    type_: msgspec.json.Decoder(struct_of(entry.model)).decode for type_, entry in CATALOGUE.items()
}
BESIDE: Final = attrgetter(*sorted(CloudEvent.model_fields.keys() - set(Content.__struct_fields__)))
"""The attributes that are no part of the content."""


def quickly(
    raw: bytes, department: str, sources: Container[str], schemes: Mapping[str, Container[str]]
) -> Judged | None:
    """Judge the JSON of one CloudEvent as `judge` does, with the same arguments; None where that must be asked."""
    try:
        found = DECODE(raw)
        time = instant(found.time)
        entry, data = CATALOGUE[found.type], DECODERS[found.type](found.data)
    except (ValueError, KeyError, RecursionError):
        return None
    own = found.source.startswith(f"urn:tenfold:{department}:") and found.source in sources
    if not own or department not in entry.reporters or not isinstance(time, datetime):
        return None
    if (found.batchid is not None and data.action == "created") or not scheme_is_provisioned(entry, data, schemes):
        return None
    content = ENCODE(Content(data, found.id, found.source, found.subject, time.isoformat(), found.type))
    if not named_once(raw, content, found):
        return None
    envelope = Envelope(found.type, found.source, found.id, found.subject, time, found.batchid)
    return Judged(envelope, entry, data, hashlib.sha256(content).digest(), content)


def named_once(raw: bytes, content: bytes, found: Any) -> bool:
    """Whether no member was named twice: the decoder keeps one of them, silently.

    Every text and name of the content, and of the attributes beside it, came from a place of its own in the input. So
    the input has as many quotation marks as these, or something of it was dropped. It may hold no others, escaped ones.
    """
    for text in (raw, content):
        if b"\\" in text and b'\\"' in text:
            return False
    beside = sum([value is not None for value in BESIDE(found)])  # a name and a text each
    return raw.count(b'"') == content.count(b'"') + 4 * beside
