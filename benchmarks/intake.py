"""Intake over HTTP, durable: batches beside `unnest`, singles beside one row a transaction."""

import asyncio
from collections.abc import Sequence
from itertools import count

from benchmarks.world import (
    Figure,
    Wire,
    bare_journal,
    chunks,
    encoded,
    events,
    journal_columns,
    median_rate,
    stopped,
    wires,
)
from services.exchange.intake.journal import INSERT
from tests.line import Line

SEEDS = count(1)
BATCHES, BATCH, SINGLES = 12, 1000, 3000
CLIENTS = 8
IDLE = ("exchange-worker", "registry-api", "registry-worker")


def by(line: Line) -> str:
    """How many processes take part, where it is more than one."""
    return f", {line.layout.intakes} API processes" if line.layout.intakes > 1 else ""


async def posted(opened: Sequence[Wire], bodies: Sequence[bytes]) -> None:
    """Post all bodies, spread over the connections."""

    async def post(wire: Wire, mine: Sequence[bytes]) -> None:
        for body in mine:
            await wire.post(body)

    await asyncio.gather(*(post(wire, bodies[place :: len(opened)]) for place, wire in enumerate(opened)))


async def batches(line: Line) -> Figure:
    """`POST /v1/events` with 1,000 events a body, 8 clients; limit: `unnest` of 1,000 rows on 4 connections."""
    pool = await bare_journal(line)

    bodies = encoded(events(BATCHES * BATCH, next(SEEDS)))

    async def limit() -> int:
        begin = next(SEEDS) * len(bodies)

        async def insert(place: int) -> None:
            for start in range(place * BATCH, len(bodies), 4 * BATCH):
                await pool.fetch(INSERT, *journal_columns(bodies[start : start + BATCH], place, begin + start))

        await asyncio.gather(*(insert(place) for place in range(4)))
        return len(bodies)

    async with wires(line, CLIENTS, "application/cloudevents-batch+json") as opened:

        async def product() -> int:
            await posted(opened, made.pop())
            return BATCHES * BATCH

        made = [
            [b"[" + b",".join(part) + b"]" for part in chunks(encoded(events(BATCHES * BATCH, next(SEEDS))), BATCH)]
            for _ in range(6)
        ]
        with stopped(line, *IDLE):
            await product()  # warm
            rate = await median_rate(product)
            bare = await median_rate(limit)
    await pool.close()
    return Figure(
        f"POST /v1/events, batches of 1,000, {CLIENTS} clients{by(line)}",
        rate,
        "journal rows by unnest of 1,000, 4 connections",
        bare,
        0.4,
    )


async def singles(line: Line) -> Figure:
    """`POST /v1/events` one event a request, 64 clients; limit: one row a transaction on 16 connections."""
    pool = await bare_journal(line)
    seeds = count(1000)

    rows = encoded(events(SINGLES, 7))

    async def limit() -> int:
        seed = next(seeds)
        numbered = iter(enumerate(rows))

        async def insert() -> None:
            for number, body in numbered:
                await pool.fetch(INSERT, *journal_columns([body], 9, seed * SINGLES + number))

        await asyncio.gather(*(insert() for _ in range(16)))
        return len(rows)

    async with wires(line, 64, "application/cloudevents+json") as opened:

        async def product() -> int:
            bodies = iter(made.pop())

            async def post(wire: Wire) -> None:
                for body in bodies:
                    await wire.post(body)

            await asyncio.gather(*(post(wire) for wire in opened))
            return SINGLES

        made = [encoded(events(SINGLES, next(seeds))) for _ in range(6)]
        with stopped(line, *IDLE):
            await product()
            rate = await median_rate(product)
            bare = await median_rate(limit)
    await pool.close()
    return Figure(
        f"POST /v1/events, singles, 64 clients{by(line)}",
        rate,
        "one journal row a transaction, 16 connections",
        bare,
        0.3,
    )
