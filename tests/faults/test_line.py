"""Kill -9 anywhere in the line, thirty seeded times under load: nothing accepted is lost, nothing is applied twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from deploy.tenfold.county import generate, registrations
from shared.client import Client, Refused
from tests.line import ALERTS, PROCESSES, Line, running_line, until

ROUNDS = 30
EVENTS_A_ROUND = 30
VICTIMS = (*PROCESSES, *ALERTS, "postgres")


async def report_until_accepted(client: Client, cloud_event: dict[str, Any]) -> str:
    """Report as our client does: again and again until the receipt is there."""
    while True:
        try:
            receipt: str = (await client.report(cloud_event))["receipt"]
            return receipt
        except (httpx.HTTPError, Refused) as trouble:
            if isinstance(trouble, Refused) and trouble.status < 500:
                raise
            await asyncio.sleep(0.05)


async def play(line: Line, client: Client, cloud_events: Iterator[dict[str, Any]]) -> dict[str, str]:
    """Thirty rounds: report from eight sides, kill one process somewhere in the middle. Receipts by event id."""
    receipts: dict[str, str] = {}
    slots = asyncio.Semaphore(8)

    async def report(cloud_event: dict[str, Any]) -> None:
        async with slots:
            receipts[cloud_event["id"]] = await report_until_accepted(client, cloud_event)

    for seed in range(ROUNDS):
        chance = random.Random(seed)
        victim, moment = chance.choice(VICTIMS), chance.randrange(EVENTS_A_ROUND)
        tasks = []
        for place, cloud_event in enumerate(islice(cloud_events, EVENTS_A_ROUND)):
            tasks.append(asyncio.create_task(report(cloud_event)))
            if place == moment:
                tasks.append(asyncio.create_task(line.kill(victim)))
            await asyncio.sleep(chance.random() / 100)
        await asyncio.gather(*tasks)
    return receipts


async def whole_feed(client: Client) -> list[dict[str, Any]]:
    """Every entry of a department's feed, checked for density."""
    entries: list[dict[str, Any]] = []
    after = None
    while True:
        page = await client.get("/v1/feed", limit=1000, **({"after": after} if after else {}))
        if not page["entries"]:
            break
        entries += page["entries"]
        after = page["next_after"]
    assert [entry["position"] for entry in entries] == list(range(1, len(entries) + 1))
    return entries


async def test_thirty_kills_lose_nothing_and_apply_nothing_twice(tmp_path: Path) -> None:
    county = generate(people=ROUNDS * EVENTS_A_ROUND)
    cloud_events = [report.cloud_event for report in registrations(county)]
    async with (
        running_line(tmp_path, (*PROCESSES, *ALERTS)) as line,
        line.client("exchange", "public-security") as client,
        line.client("exchange") as administrator,
    ):
        receipts = await play(line, client, iter(cloud_events))
        assert len(receipts) == len(cloud_events)

        async def settled() -> bool:
            overview = await administrator.get("/v1/overview")
            return bool(sum(d["applied"] for d in overview["departments"]) == len(cloud_events))

        await until(settled, "every accepted event applied", 120)

        # Again, all of them: known, with the same receipts.
        again = await client.report_batch(cloud_events[:500])
        assert [result["receipt"] for result in again] == [receipts[str(c["id"])] for c in cloud_events[:500]]
        assert {result["code"] for result in again} == {200}

        told = await whole_feed(client)
        assert len({entry["id"] for entry in told}) == len(told)
        outcomes = Counter(entry["data"]["data"]["receipt"] for entry in told if ".receipt." in entry["data"]["type"])
        assert outcomes == Counter(receipts.values()), "each receipt told once"
        people = Counter(entry["data"]["subject"] for entry in told if ".person." in entry["data"]["type"])
        assert len(people) == len(cloud_events), "each person told"
        assert set(people.values()) == {1}, "and told once"

        exchange = await asyncpg.connect(line.postgres.dsn("exchange"))
        registry = await asyncpg.connect(line.postgres.dsn("registry"))
        alerts = await asyncpg.connect(line.postgres.dsn("alerts"))
        try:
            assert await exchange.fetchval("SELECT count(*) FROM journal") == len(cloud_events)
            journal = {row[0] for row in await exchange.fetch("SELECT receipt FROM journal")}
            assert {str(receipt) for receipt in journal} == set(receipts.values())
            assert {row[0] for row in await registry.fetch("SELECT receipt FROM vital_event")} == journal
            assert await registry.fetchval("SELECT count(*) FROM fact") == len(cloud_events)
            assert await registry.fetchval("SELECT count(*) FROM person") == len(cloud_events)
            care = await registry.fetchval("SELECT position FROM feed_head WHERE feed = 'care'")

            async def heard() -> bool:
                return bool(await alerts.fetchval("SELECT position FROM feed_cursor WHERE feed = 'care'") == care)

            await until(heard, "alerts has followed to the head", 60)
            assert await alerts.fetchval("SELECT count(*) FROM directory_person") == len(cloud_events)
            for database in (exchange, registry, alerts):
                assert await database.fetchval("SELECT count(*) FROM parked") == 0
        finally:
            await exchange.close()
            await registry.close()
            await alerts.close()
