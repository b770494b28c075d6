"""Everybody locks in one order: rows of cases behind the head of `changes`, and `sharing` behind departments' feeds."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.exchange.agreements.life import Life
from services.exchange.feeds.names import SHARING, department_feed
from services.registry.cases.deadlines import end_overdue
from services.registry.facts import repository as sql
from services.registry.facts.told import CARE_FEED, CHANGES
from shared import clock
from shared.db import Connection, Pool, transaction
from shared.feed import heads
from shared.feed.values import NewEntry
from tests.departments_world import Line
from tests.exchange_world import Exchange
from tests.histories import household, number, person
from tests.registry_world import says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

HOUSING, RENTAL = "housing", "housing-public-rental"
HEALTH, TRADE = "health-child-vaccination", "market-supervision-sole-traders"
DISCLOSED_NOTHING = b'{"kind":"disclosed","disclosures":[]}'


WAITS = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())"


async def somebody_waits(pool: Pool, task: "asyncio.Task[Any]") -> None:
    """Until a lock is waited for, or there is nothing to wait for any more."""
    waits = False
    while not (waits or task.done()):
        waits = await pool.fetchval(WAITS)


async def lasts_until(pool: Pool, identifiers: list[str], day: str) -> None:
    await pool.execute(
        "UPDATE agreement SET document = document ||"
        " jsonb_build_object('valid_from', '2020-01-01', 'valid_until', $2::text) WHERE identifier = ANY($1::text[])",
        identifiers,
        day,
    )


async def test_agreements_of_two_departments_expire_beside_a_page_that_is_told_to_one_of_them(
    exchange: Exchange,
) -> None:
    pool, feeds = exchange.service.pool, exchange.service.feeds
    life = Life(exchange.service, exchange.app.state.agreements.authorities)
    await lasts_until(pool, [HEALTH, TRADE], "2026-01-01")
    async with transaction(pool) as connection:  # as Distribution does: a department's feed, and late its disclosures
        await feeds.append(connection, department_feed("market-supervision"), [NewEntry(uuid4(), b"{}")])
        expiring = asyncio.create_task(life.let_expire())
        await somebody_waits(pool, expiring)
        await feeds.append(connection, SHARING, [NewEntry(uuid4(), DISCLOSED_NOTHING)])
    assert await expiring == 2


async def merging(connection: Connection) -> UUID:
    """What a fold has locked that is about to merge the person of the case into another one."""
    who: UUID = await connection.fetchval("SELECT person_id FROM called_case")
    await sql.lock_people(connection, [who])
    await heads.lock(connection, [(CARE_FEED, 0), (CHANGES, 0)])
    return who


async def with_a_case(line: Line) -> str:
    await line.report(says("household.registered", "h1", {"person": person(1), **household()}, "2024-02-20"))
    body = {
        "id": "HA-1",
        "identifier": number(1),
        "purpose": "service-delivery",
        "agreement": RENTAL,
        "until": "2027-06-30",
    }
    headers = line.exchange.headers(HOUSING, roles=["clerk"])
    answer = await line.exchange.http.post("/v1/cases", json=body, headers=headers)
    await line.rest()
    return str(answer.json()["case"])


async def test_a_case_ends_by_its_last_day_while_its_person_is_merged(line: Line) -> None:
    await with_a_case(line)
    registry = line.registry.service
    with clock.frozen(datetime(2028, 1, 1, tzinfo=clock.SHANGHAI)):
        async with transaction(registry.pool) as connection:
            who = await merging(connection)
            ending = asyncio.create_task(end_overdue(registry.pool, registry.feeds, line.registry.folding.telling))
            await somebody_waits(registry.pool, ending)
            await connection.execute(sql.MERGE[-1], who, who)
        assert await ending == 1


async def test_a_case_is_closed_by_its_department_while_its_person_is_merged(line: Line) -> None:
    case = await with_a_case(line)
    headers = line.exchange.headers(HOUSING, roles=["clerk"])
    await line.exchange.http.delete(f"/v1/cases/{case}", headers=headers)
    registry = line.registry.service
    async with transaction(registry.pool) as connection:
        who = await merging(connection)
        closing = asyncio.create_task(line.sharing.step())
        await somebody_waits(registry.pool, closing)
        await connection.execute(sql.MERGE[-1], who, who)
    assert await closing >= 1
    assert await registry.pool.fetchval("SELECT reason FROM called_case") == "closed"
