"""What a subscription may ask for, and which entries it wants. Pure."""

from collections.abc import Sequence
from typing import Any, Final, Literal, get_args

import msgspec

from shared.errors_text import RuleBroken
from shared.feed.values import Entry, Page

Kind = Literal["pull", "webhook", "kafka"]
EntryType = Literal[
    "person.changed",
    "person.merged",
    "person.split",
    "reference.changed",
    "value.corrected",
    "value.withdrawn",
    "receipt.changed",
    "case.changed",
    "intake.refused",
]
ENTRY_TYPES: Final[frozenset[str]] = frozenset(get_args(EntryType))


class Told(msgspec.Struct, frozen=True):
    """As much of a feed entry as decides about a delivery."""

    type: str
    data: dict[str, Any]

    @property
    def area(self) -> str | None:
        """The area the entry names, where it names one."""
        changed = self.data.get("changed")
        area = changed.get("registered_area") if isinstance(changed, dict) else None
        return area if isinstance(area, str) else None


TOLD: Final[msgspec.json.Decoder[Told]] = msgspec.json.Decoder(Told)
UNREADABLE: Final = "cn.tenfold.entry.unreadable.v1"


def told_in(body: bytes) -> Told:
    """As much of an entry as decides. One that cannot be read counts as wanted: whoever pulls it sees what it is."""
    try:
        return TOLD.decode(body)
    except msgspec.DecodeError:
        return Told(UNREADABLE, {})


def short(type_: str) -> str:
    """`person.changed` of `cn.tenfold.person.changed.v1`."""
    return type_.removeprefix("cn.tenfold.").rpartition(".v")[0]


def wants(types: Sequence[str], areas: Sequence[str], told: Told) -> bool:
    """Whether a subscription wants to hear of an entry; an empty list asks for everything.

    An entry is passed over for its area only when it names one that lies outside: a merge or a receipt names none, and
    would otherwise be missing without a trace. Codes are prefixes of each other (GB/T 2260), in either direction.
    """
    if told.type == UNREADABLE:
        return True
    if types and short(told.type) not in types:
        return False
    area = told.area
    return not areas or area is None or any(area.startswith(each) or each.startswith(area) for each in areas)


def wanted_of(page: Page, types: Sequence[str], areas: Sequence[str]) -> list[Entry]:
    """The entries of a page that a filter lets through; a withheld one tells nothing, and keeps its place."""
    return [entry for entry in page.entries if entry.body is None or wants(types, areas, told_in(entry.body))]


def kind_of(kind: Kind | None, url: str | None) -> Kind:
    """What a subscription is, where that was not said. Raises RuleBroken where kind and address do not fit."""
    if kind is None:
        return "pull" if url is None else "webhook"
    if (kind == "webhook") != (url is not None):
        raise RuleBroken("goes with the kind `webhook`, and with no other", "仅用于且必须用于 webhook 类订阅")
    return kind
