"""Pull every department's and facility's feed from the first to the last entry, as its reader would."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from deploy.tenfold.demo_reach import again
from shared.client import Client
from shared.contracts.holding import Fields, apply, short
from shared.feed.follow import FeedEntry

PAGE = 1000

Entry = Mapping[str, Any]
"""An entry of a department's feed: a CloudEvent."""


@dataclass
class Pulled:
    """One feed as its reader got it."""

    entries: int = 0
    head: int = 0
    out_of_order: int = 0
    """Entries that did not stand right behind the one before."""
    repeated: int = 0
    types: Counter[str] = field(default_factory=Counter)
    receipts: dict[str, str] = field(default_factory=dict)
    """Receipt → the last status that was told."""
    references: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Receipt → the department's own references of the people in its report, by role."""
    merged: dict[str, str] = field(default_factory=dict)
    """Reference → the one that goes on in its place."""
    people: dict[str, Fields] = field(default_factory=dict)
    """What the department holds after the last entry: reference → fields."""
    ids: set[UUID | None] = field(default_factory=set)

    @property
    def faults(self) -> int:
        """Entries that are missing, stand in the wrong place or came twice."""
        return abs(self.head - self.entries) + self.out_of_order + self.repeated

    def place(self, entry: FeedEntry) -> None:
        """Count an entry, whatever it says."""
        self.entries += 1
        self.out_of_order += entry.position != self.entries
        self.repeated += entry.id is not None and entry.id in self.ids
        self.ids.add(entry.id)

    def take(self, told: Entry | None) -> None:
        """Take in what an entry of a department's feed says; None for one that is withheld."""
        apply(told, self.people)
        if told is None:
            return
        name, data = short(told["type"]), told["data"]
        self.types[name] += 1
        match name:
            case "receipt.changed":
                self.receipts[data["receipt"]] = data["status"]
                self.references[data["receipt"]] = data.get("people") or {}
            case "person.merged":
                self.merged[data["merged"]] = data["into"]
            case "person.split":
                self.merged.pop(data["into"], None)
                for moved in data["moved"]:
                    receipt = moved["receipt"]
                    self.references[receipt] = {**self.references[receipt], moved["role"]: data["into"]}

    def goes_on(self, reference: str) -> str:
        """The reference under which the person is known now."""
        while reference in self.merged:
            reference = self.merged[reference]
        return reference


async def pull(client: Client, *, cloud_events: bool) -> Pulled:
    """Read /v1/feed to its head; the entries of departments are CloudEvents."""
    pulled, after = Pulled(), None
    while True:
        query: dict[str, str | int | float] = {"limit": PAGE}
        page = await again(client.page, "/v1/feed", query | ({"after": after} if after else {}))
        for entry in page.entries:
            pulled.place(entry)
            if cloud_events:
                pulled.take(None if entry.withheld else msgspec.json.decode(entry.data))
        after, pulled.head = page.next_after, page.head
        if not page.entries or pulled.entries >= page.head:
            return pulled


async def open_help(client: Client) -> int:
    """How many tasks a facility's worklist holds."""
    count, after = 0, None
    while True:
        page = await again(client.get, "/v1/worklist", limit=200, **({"after": after} if after else {}))
        count += len(page["tasks"])
        after = page["next_after"]
        if after is None:
            return count
