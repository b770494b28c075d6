"""Read what the exchange has judged, without judging it again: the catalogue's payloads as plain structs.

The structs are made from the catalogue's models, member by member. They check types, and that no member is missing or
unknown, so that what is no vital event at all is refused; the rules of the contract were held when it was accepted.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from pydantic import BaseModel

from shared.contracts.catalogue import CATALOGUE, EventType


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A judged CloudEvent in its canonical form; `data` is read by its type."""

    type: str
    source: str
    id: str
    subject: str
    time: datetime
    data: msgspec.Raw


class Accepted(msgspec.Struct, frozen=True):
    """An entry of `vital-events`: who reported it, and the bulk load it came in, where it was one."""

    department: str
    event: Message
    batch: str | None = None


ACCEPTED = msgspec.json.Decoder(Accepted)


def read(entry: bytes) -> tuple[Accepted, EventType, Any]:
    """An entry of `vital-events`, its place in the catalogue, and its data with the attributes of that model.

    Raises msgspec.DecodeError (its ValidationError too) or KeyError for anything else.
    """
    accepted = ACCEPTED.decode(entry)
    return accepted, CATALOGUE[accepted.event.type], DECODERS[accepted.event.type].decode(accepted.event.data)


@cache
def struct_of(model: type[BaseModel]) -> type[msgspec.Struct]:
    """The struct with the members of a model."""
    members = []
    for name, member in model.model_fields.items():
        default = msgspec.NODEFAULT if member.is_required() else member.default
        kept = msgspec.field(default=default, name=member.alias)
        members.append((name, plain(member.annotation), kept))
    return msgspec.defstruct(model.__name__, members, frozen=True, forbid_unknown_fields=True, kw_only=True)


def plain(annotation: Any) -> Any:
    """A member's type without its rules; the models in it as structs."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return plain(arguments[0])
    if origin in (Union, UnionType):
        return Union[tuple(map(plain, arguments))]  # noqa: UP007 - made of what is found
    if origin is list:
        return list[plain(arguments[0])]  # type: ignore[misc]
    if origin is None and isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return struct_of(annotation)
    if origin in (None, Literal):
        return annotation
    raise TypeError(f"no plain form is known of {annotation}")


DECODERS: Mapping[str, msgspec.json.Decoder[Any]] = {
    type_: msgspec.json.Decoder(struct_of(entry.model)) for type_, entry in CATALOGUE.items()
}
