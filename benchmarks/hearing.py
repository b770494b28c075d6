"""How soon a department hears of what another reports, while both do so at a steady rate."""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import asyncpg
import httpx
import msgspec

from benchmarks.world import Delay, chunks, encoded, events, wires
from shared.contracts.catalogue import full_type
from tests.line import Line, until

SEEDS = count(70_000)
RATE, SECONDS = 500, 6  # events a second, and for how long
PATIENCE = 30  # seconds until the last of them must have been heard
WIRES = 32
SECURITY, HEALTH = "public-security", "health"


async def hearing(line: Line) -> list[Delay]:
    """Health certifies deaths at a steady rate, one a request; public security, which registered these people, waits at
    its feed. From the moment at which the request is due to its answer, and to the entry in the reader's hands.

    Raises TimeoutError where not all are heard in time.
    """
    people = {number_of(each): each for each in events(RATE * SECONDS, next(SEEDS))}
    async with reading(line) as reader:
        await report(line, encoded(list(people.values())))
        async with asyncio.timeout(PATIENCE):
            person_of = await known(reader, people)
            await nothing_retold(line)
        dying = {person_of[reference]: reference for reference in person_of}
        heard: dict[str, float] = {}

        async def hear() -> None:
            while len(heard) < len(dying):
                for told in await reader.page():
                    if "died_on" in told["data"].get("changed", {}) and told["subject"] in person_of:
                        heard[person_of[told["subject"]]] = time.perf_counter()

        sent: dict[str, float] = {}
        async with asyncio.timeout(SECONDS + PATIENCE), asyncio.TaskGroup() as tasks:
            tasks.create_task(hear())
            answered = tasks.create_task(certify(line, [people[number] for number in dying], sent))
    delays = [(heard[number] - sent[number]) * 1000 for number in dying]
    at = f"at {RATE} events/s"
    return [
        delay(f"POST → 202, {at}", answered.result(), 500),
        delay(f"POST → on another department's feed, {at}", delays, 500),
    ]


async def nothing_retold(line: Line) -> None:
    """Wait until the agreements of this new county are told of everybody who was there when they came into force."""
    registry = await asyncpg.connect(line.postgres.dsn("registry"))

    async def told() -> bool:
        return not await registry.fetchval("SELECT count(*) FROM retelling")

    try:
        await until(told, "agreements told")
    finally:
        await registry.close()


def number_of(event: dict[str, Any]) -> str:
    """The identity number in a registration or a death."""
    found: str = event["data"]["person"]["identifiers"][0]["value"]
    return found


def delay(what: str, found: list[float], target: float) -> Delay:
    """Median and 99th percentile."""
    ranked = sorted(found)
    return Delay(what, statistics.median(ranked), ranked[int(len(ranked) * 0.99)], target)


class Reader:
    """Public security at its feed."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http, self.after = http, ""

    async def page(self, wait: int = 20) -> list[dict[str, Any]]:
        """The events that follow, as soon as there are any."""
        query = {"limit": "1000", "wait": str(wait)} | ({"after": self.after} if self.after else {})
        answer = await self.http.get("/v1/feed", params=query)
        found = msgspec.json.decode(answer.raise_for_status().content)
        self.after = found["next_after"]
        return [entry["data"] for entry in found["entries"] if "data" in entry]


@asynccontextmanager
async def reading(line: Line) -> AsyncIterator[Reader]:
    """Public security, at the end of its feed."""
    token = line.issuer.issue(subject="bench", department=SECURITY, roles=["follower"])
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=line.layout.url("exchange"), headers=headers, timeout=60) as http:
        reader = Reader(http)
        while await reader.page(wait=0):
            pass
        yield reader


async def known(reader: Reader, people: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Public security's own reference of everyone whom the registry is certain of → the number."""
    number_by_id = {event["id"]: number for number, event in people.items()}
    found: dict[str, str] = {}
    while number_by_id:
        for told in await reader.page():
            number = number_by_id.pop(told["data"].get("id"), None)
            if number and "people" in told["data"]:  # one that is held, because its number is known, has none
                found[told["data"]["people"]["person"]] = number
    return found


async def report(line: Line, bodies: list[bytes]) -> None:
    """Report in batches."""
    async with wires(line, 1, "application/cloudevents-batch+json") as (wire,):
        for part in chunks(bodies, 1000):
            await wire.post(b"[" + b",".join(part) + b"]")


async def certify(line: Line, people: list[dict[str, Any]], sent: dict[str, float]) -> list[float]:
    """Report a death of each, `RATE` a second, whatever the answers take; notes by number when each was due. Gives how
    long the answers took, in milliseconds."""
    answered: list[float] = []
    queue: asyncio.Queue[tuple[str, bytes] | None] = asyncio.Queue()
    async with (
        wires(line, WIRES, "application/cloudevents+json", HEALTH) as opened,
        asyncio.TaskGroup() as tasks,
    ):
        for wire in opened:

            async def post(wire: Any = wire) -> None:
                while (given := await queue.get()) is not None:
                    await wire.post(given[1])
                    answered.append((time.perf_counter() - sent[given[0]]) * 1000)

            tasks.create_task(post())
        bodies = [(number_of(person), json.dumps(death(person), ensure_ascii=False).encode()) for person in people]
        begin = time.perf_counter()
        for place, (number, body) in enumerate(bodies):
            await asyncio.sleep(begin + place / RATE - time.perf_counter())
            sent[number] = begin + place / RATE
            queue.put_nowait((number, body))
        for _ in opened:
            queue.put_nowait(None)
    return answered


def death(registered: dict[str, Any]) -> dict[str, Any]:
    """The death of somebody who was registered, as health certifies it."""
    id_ = f"death-{registered['id']}"
    data = {
        "action": "created",
        "effective_on": registered["time"][:10],
        "person": registered["data"]["person"],
        "certificate_number": id_,
    }
    source = f"urn:tenfold:{HEALTH}:death-certificates"
    return {**registered, "id": id_, "type": full_type("death.certified"), "source": source, "data": data}
