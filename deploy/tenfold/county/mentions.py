"""Whom a report of the county means: people by the numbers that stand with them, in any report."""

from collections.abc import Iterable, Mapping
from typing import Any

Event = Mapping[str, Any]
EventKey = tuple[str, str]
"""Source and id of a report."""
Number = tuple[str, str]
"""Kind of identifier and its value."""


def key_of(event: Event) -> EventKey:
    """Source and id of a report, or of one that a correction names."""
    return (event["source"], event["id"])


def mentioned(event: Event) -> dict[str, Event]:
    """Role → what the report says of the person. A newborn goes by its certificate, and has no name yet, or one."""
    data = event["data"]
    roles: dict[str, Event] = {role: data[role] for role in ("person", "mother", "father") if data.get(role)}
    for name, role in (("spouses", "spouse"), ("adopters", "adopter"), ("occupants", "occupant")):
        roles |= {f"{role}_{number}": each for number, each in enumerate(data.get(name) or (), start=1)}
    if "child" in data:
        certified = {"type": "birth-certificate-number", "value": data.get("certificate_number")}
        roles["child"] = {"identifiers": [certified]} | data["child"]
    return roles


def numbers(event: Event, role: str) -> list[Number]:
    """The identifiers of one person; with a change of identity also those that are given by it."""
    found = mentioned(event)[role]["identifiers"] + (event["data"].get("becomes") or {}).get("identifiers", [])
    return [(each["type"], each["value"]) for each in found]


class Everybody:
    """All people of the reports: who shares a number with somebody is that person."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._person: dict[Number, int] = {}
        self._joined: dict[int, int] = {}
        for event in events:
            for role in mentioned(event):
                named = numbers(event, role)
                known = sorted({self._root(self._person[number]) for number in named if number in self._person})
                person = known[0] if known else len(self._joined)
                for other in [person, *known[1:]]:
                    self._joined[other] = person
                self._person |= dict.fromkeys(named, person)

    def roles(self, event: Event) -> dict[str, int]:
        """Role → the person's number."""
        return {role: self._root(self._person[numbers(event, role)[0]]) for role in mentioned(event)}

    def _root(self, person: int) -> int:
        while self._joined.get(person, person) != person:
            person = self._joined[person]
        return person
