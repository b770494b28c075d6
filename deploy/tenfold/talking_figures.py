"""The figures of a whole Tenfold, read from the three overviews: who reported what, how full and how far each feed is.

Positions are dense: a feed is whole when it holds as many entries as its head says, a follower is done at lag 0.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from shared.client import Client, Refused

FOLLOWERS = (
    ("registry", "vital-events", "exchange"),
    ("registry", "sharing", "exchange"),
    ("exchange", "changes", "registry"),
    ("alerts", "care", "registry"),
)
"""Who follows which feed of whom inside the platform (architecture.md)."""


@dataclass(frozen=True)
class Department:
    """What became of one department's events."""

    department: str
    accepted: int
    applied: int
    held: int
    rejected: int

    @property
    def pending(self) -> int:
        """Accepted and not settled yet."""
        return self.accepted - self.applied - self.held - self.rejected


@dataclass(frozen=True)
class Feed:
    """One partition of a feed."""

    service: str
    feed: str
    partition: int
    head: int
    entries: int


@dataclass(frozen=True)
class Follower:
    """A service that follows a partition of another's feed. `lag` is None while either of the two is down."""

    service: str
    feed: str
    partition: int
    position: int | None
    lag: int | None


@dataclass(frozen=True)
class Figures:
    """All of it. `parked` leaves out services that are down. `incomplete`: feeds that lack entries, of a service that
    does not say how many entries they have."""

    up: Mapping[str, bool]
    departments: tuple[Department, ...]
    feeds: tuple[Feed, ...]
    followers: tuple[Follower, ...]
    parked: int
    incomplete: int = 0

    def total(self, name: str) -> int:
        """Sum of accepted, applied, held, rejected or pending over the departments."""
        return sum(getattr(department, name) for department in self.departments)

    @property
    def missing_entries(self) -> int:
        """Positions without an entry, in all feeds; one at least for each feed that is incomplete."""
        return sum(feed.head - feed.entries for feed in self.feeds) + self.incomplete

    @property
    def settled(self) -> bool:
        """Nothing is on its way any more."""
        return self.total("pending") == 0 and all(follower.lag == 0 for follower in self.followers)


async def read(clients: Mapping[str, Client]) -> Figures:
    """Ask all three services as an administrator; one that does not answer counts as down.

    Raises Refused for a token that is not accepted.
    """
    answers = await asyncio.gather(*(overview(client) for client in clients.values()))
    return figures(dict(zip(clients, answers, strict=True)))


async def overview(client: Client) -> dict[str, Any] | None:
    """One service's overview; None where it does not answer."""
    try:
        found: dict[str, Any] = await client.get("/v1/overview")
    except httpx.TransportError:
        return None
    except Refused as refusal:
        if refusal.status < httpx.codes.INTERNAL_SERVER_ERROR:
            raise
        return None
    return found


def figures(overviews: Mapping[str, dict[str, Any] | None]) -> Figures:
    """Put the overviews together."""
    told = {service: answer for service, answer in overviews.items() if answer is not None}
    feeds = tuple(
        Feed(service, row["feed"], row["partition"], row["head"], row["entries"])
        for service, answer in told.items()
        for row in answer["feeds"]
    )
    names = Department.__dataclass_fields__
    departments = (told.get("exchange") or {"departments": ()})["departments"]
    return Figures(
        up={service: service in told for service in overviews},
        departments=tuple(Department(**{name: row[name] for name in names}) for row in departments),
        feeds=feeds,
        followers=tuple(follower for each in FOLLOWERS for follower in followers(told, feeds, *each)),
        parked=sum(answer["parked"] for answer in told.values()),
        incomplete=sum(len(answer.get("incomplete", ())) for answer in told.values()),
    )


def followers(
    told: Mapping[str, dict[str, Any]], feeds: tuple[Feed, ...], service: str, feed: str, source: str
) -> list[Follower]:
    """One follower a partition. One that never ran stands before everything."""
    stands: dict[int, int] | None = None
    if service in told:
        stands = {row["partition"]: row["position"] for row in told[service]["followed"] if row["feed"] == feed}
    heads = {each.partition: each.head for each in feeds if (each.service, each.feed) == (source, feed)}
    found = []
    for partition in sorted(heads or stands or {}):
        position = None if stands is None else stands.get(partition, 0)
        head = heads.get(partition)
        # Both were read a moment apart: what was followed in between is no negative lag.
        lag = None if position is None or head is None else max(0, head - position)
        found.append(Follower(service, feed, partition, position, lag))
    return found
