"""Whatever is lost is named: what was lost, where, and by which receipt or position."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.exchange.told import repository as told
from services.registry.areas.handlers import Areas
from services.registry.statistics.following import follow_areas
from services.registry.statistics.recount import recount_of
from shared import clock
from shared.reconciliation.kinds import (
    AGREEMENT_DIFFERS,
    CURSOR_AHEAD,
    DERIVED_DIFFERS,
    FACT_LOST,
    NOT_TAKEN,
    OUTCOME_DIFFERS,
    OUTCOME_LOST,
    POSITION_LOST,
    ROWS_LOST,
    TOLD_DIFFERS,
    Finding,
)
from shared.reconciliation.running import InFlight
from tests.agreements_world import Hands, document
from tests.exchange_world import POLICE, registration
from tests.histories import TOWN, birth, certificate, household, move, number, person
from tests.reconcilers_world import Reconcilers
from tests.registry_world import CloudEvent, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments", "tests.reconcilers"]


def story() -> list[CloudEvent]:
    """A birth, a registration, a move with a merge, a correction, and one that waits for what never comes."""
    baby = person(5, "Wang An", also=[certificate("C1")]) | {"birth_date": "2024-02-01"}
    by_number = baby | {"identifiers": [number(5)]}
    moved = {"person": by_number, **move(), **household("440305001001", number_="H2")}
    home = {"person": baby, **household()}
    return [
        says("birth.certified", "b1", birth(person(2), person(1)), "2024-02-01"),
        says("migration.arrived", "a1", moved, "2024-03-01"),
        says("household.registered", "h1", home, "2024-02-03"),
        says("household.registered", "h2", home, "2024-02-03", action="corrected", of="h1"),
        says("household.registered", "h4", home, "2024-02-03", action="corrected", of="h3"),
    ]


@pytest.fixture
async def played(reconcilers: Reconcilers) -> Reconcilers:
    """A small world in which nothing is lost."""
    await reconcilers.line.report(*story())
    registry = reconcilers.line.registry.service
    areas = Areas(registry.pool, registry.ring, registry.settings.provisioning)
    recount = recount_of(registry, reconcilers.line.registry.folding)
    assert await follow_areas(registry.pool, areas, recount) == 0  # as the worker does when it starts
    assert await reconcilers.found() == set()
    return reconcilers


def exchange_of(reconcilers: Reconcilers) -> asyncpg.Pool:
    return reconcilers.exchange.pool


def registry_of(reconcilers: Reconcilers) -> asyncpg.Pool:
    return reconcilers.registry.pool


async def receipt_of(reconcilers: Reconcilers, id_: str) -> Any:
    return await exchange_of(reconcilers).fetchval("SELECT receipt FROM journal WHERE id = $1", id_)


async def test_a_lost_row_of_the_journal_is_named_by_its_position(played: Reconcilers) -> None:
    place = "SELECT partition, position FROM journal WHERE id = 'h1'"
    (row,) = await exchange_of(played).fetch(place)
    await exchange_of(played).execute("DELETE FROM journal WHERE id = 'h1'")
    assert await played.found() == {
        Finding(ROWS_LOST, "journal"),
        Finding(POSITION_LOST, f"vital-events/{row['partition']}: {row['position']}"),
    }


async def test_a_lost_outcome_is_named_by_its_receipt(played: Reconcilers) -> None:
    receipt = await receipt_of(played, "h1")
    await exchange_of(played).execute("DELETE FROM outcome WHERE receipt = $1", receipt)
    lost = {Finding(ROWS_LOST, "outcome"), Finding(OUTCOME_LOST, f"receipt {receipt}")}
    assert await played.found() == lost


async def test_another_outcome_than_the_registry_gave_is_named(played: Reconcilers) -> None:
    receipt = await receipt_of(played, "h1")
    await exchange_of(played).execute("UPDATE outcome SET status = 'held' WHERE receipt = $1", receipt)
    assert await played.found() == {Finding(OUTCOME_DIFFERS, f"receipt {receipt}")}


async def test_a_lost_fact_is_named_by_its_receipt(played: Reconcilers) -> None:
    receipt = await receipt_of(played, "b1")
    await registry_of(played).execute("DELETE FROM fact WHERE receipt = $1 AND role = 'father'", receipt)
    found = await played.found()
    assert {Finding(ROWS_LOST, "fact"), Finding(FACT_LOST, f"receipt {receipt}")} <= found
    assert {finding.kind for finding in found} == {ROWS_LOST, FACT_LOST, DERIVED_DIFFERS, TOLD_DIFFERS}


async def test_an_event_that_the_registry_lost_whole_is_named(played: Reconcilers) -> None:
    receipt = await receipt_of(played, "h4")
    await registry_of(played).execute("DELETE FROM held_event WHERE receipt = $1", receipt)
    assert await played.found() == {Finding(ROWS_LOST, "held_event"), Finding(NOT_TAKEN, f"receipt {receipt}")}


@pytest.mark.parametrize("table", ["residency", "identifier_index"])
async def test_what_derives_from_facts_is_derived_again(played: Reconcilers, table: str) -> None:
    await registry_of(played).execute(f"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} LIMIT 1)")
    found = await played.found()
    assert {finding.kind for finding in found} == {ROWS_LOST, DERIVED_DIFFERS}
    (named,) = [finding.place for finding in found if finding.kind == DERIVED_DIFFERS]
    assert (
        await exchange_of(played).fetchval("SELECT count(*) FROM journal WHERE 'receipt ' || receipt = $1", named) == 1
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE residency SET since = since + 1 WHERE ctid IN (SELECT ctid FROM residency LIMIT 1)",
        "UPDATE block SET key = decode('00', 'hex') WHERE ctid IN (SELECT ctid FROM block LIMIT 1)",
        "UPDATE statistic_counted SET cells = decode('00', 'hex')",
        "UPDATE half_move SET area = '370102'",
        "UPDATE contradiction SET gone_at = now()",
    ],
)
async def test_a_changed_row_of_what_derives_is_named(played: Reconcilers, change: str) -> None:
    """No row is lost: contents differ."""
    twice = {"person": person(7, "Zhao Min"), **move(permit="P7"), **household("440305001001", number_="H7")}
    named = {"person": person(7, "Zhao Ming"), **household("370102901001", number_="H8")}
    await played.line.report(
        says("migration.arrived", "a7", twice, "2024-03-01"), says("household.registered", "h7", named, "2024-02-01")
    )
    assert await played.found() == set()
    await registry_of(played).execute(change)
    found = await played.found()
    assert {finding.kind for finding in found} == {DERIVED_DIFFERS}
    assert all(finding.place.startswith("receipt ") for finding in found)


async def test_a_lost_entry_of_a_feed_is_named_by_its_position(played: Reconcilers) -> None:
    lost = "DELETE FROM feed_entry WHERE feed = $1 AND position = 1"
    await exchange_of(played).execute(lost, "department:public-security")
    await registry_of(played).execute(lost, "changes")
    assert await played.found() == {
        Finding(ROWS_LOST, "feed_entry"),
        Finding(POSITION_LOST, "department:public-security/0: 1"),
        Finding(POSITION_LOST, "changes/0: 1"),
    }


async def test_a_follower_beyond_what_it_follows_is_named(played: Reconcilers) -> None:
    await registry_of(played).execute("UPDATE feed_cursor SET position = position + 5 WHERE feed = 'vital-events'")
    await registry_of(played).execute("UPDATE feed_cursor SET position = position + 5 WHERE feed = 'sharing'")
    await exchange_of(played).execute("UPDATE feed_cursor SET position = position + 5 WHERE feed = 'changes'")
    found = await played.found()
    assert {finding.kind for finding in found} == {CURSOR_AHEAD}
    assert {Finding(CURSOR_AHEAD, "changes/0"), Finding(CURSOR_AHEAD, "sharing/0")} < found


async def test_alerts_beyond_the_end_of_care_is_named_by_alerts(played: Reconcilers) -> None:
    epoch = await registry_of(played).fetchval("SELECT epoch FROM feed_head WHERE feed = 'care'")
    ahead = "INSERT INTO feed_cursor (feed, partition, epoch, position) VALUES ('care', 0, $1, $2)"
    await played.alerts.pool.execute(ahead, epoch, 5)
    assert await played.found() == {Finding(CURSOR_AHEAD, "care/0")}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE agreement_told SET status = 'suspended' WHERE identifier = $1",
        "UPDATE agreement_told SET status = 'ended' WHERE identifier = $1",
        'UPDATE agreement_told SET document = document || \'{"fields": ["name"]}\' WHERE identifier = $1',
    ],
)
async def test_an_agreement_that_the_registry_has_otherwise_is_named(played: Reconcilers, change: str) -> None:
    pool = registry_of(played)
    named = await pool.fetchval("SELECT identifier FROM agreement_told WHERE status = 'in-force' ORDER BY 1 LIMIT 1")
    await pool.execute(change, named)
    assert Finding(AGREEMENT_DIFFERS, f"agreement {named}") in await played.found()


async def test_an_agreement_suspended_and_ended_is_alike_on_both_sides(played: Reconcilers) -> None:
    hands, later = Hands(played.line.exchange), document()
    await hands.agree(later)
    (check,) = [check for check in played.exchange.checks if check.name == "agreements"]
    with pytest.raises(InFlight):
        await played.exchange.round(check)
    for what in ("suspend", "end"):
        await played.line.rest()
        assert await played.found() == set()
        await hands.does(what, later["identifier"], "housing")
    await played.line.rest()
    assert await played.found() == set()


async def test_a_department_that_holds_something_else_than_its_agreements_give_is_named(played: Reconcilers) -> None:
    pool, ring = exchange_of(played), played.line.exchange.service.ring
    key = "SELECT department, reference FROM told WHERE department = 'public-security'"
    keys = [(row["department"], row["reference"]) for row in await pool.fetch(key)]
    async with pool.acquire() as connection, connection.transaction():
        ledger = await told.rows(connection, ring, keys)
        first = next(key for key, row in ledger.rows.items() if "name" in row.holds)
        ledger.rows[first].holds["name"] = "Somebody Else"
        ledger.changed.add(first)
        await told.store(connection, ring, ledger)
    found = await played.found()
    assert {finding.kind for finding in found} == {TOLD_DIFFERS}
    assert [finding.place.split(":")[0] for finding in found] == ["public-security"]


async def test_a_finding_is_settled_when_the_row_is_back(played: Reconcilers) -> None:
    pool = exchange_of(played)
    (row,) = await pool.fetch("SELECT * FROM outcome LIMIT 1")
    await pool.execute("DELETE FROM outcome WHERE receipt = $1", row["receipt"])
    assert len(await played.found()) == 2
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    back = f"INSERT /* restores */ INTO outcome ({', '.join(row.keys())}) VALUES ({places})"
    await pool.execute(back, *row.values())
    assert await played.found() == set()
    settled = await pool.fetch("SELECT kind FROM finding WHERE settled_at IS NOT NULL ORDER BY kind")
    assert [each["kind"] for each in settled] == [OUTCOME_LOST, ROWS_LOST]


async def test_nothing_is_found_while_everything_is_on_its_way(reconcilers: Reconcilers) -> None:
    line, done = reconcilers.line, asyncio.Event()

    async def report() -> None:
        for begin in range(0, 120, 6):
            family = [registration(f"n{n}", n, time=f"2026-02-01T08:00:{n % 60:02}Z") for n in range(begin, begin + 6)]
            corrected = registration(f"c{begin}", begin, time="2026-02-02T08:00:00Z")
            corrected["data"] |= {"action": "corrected", "supersedes": {"source": POLICE, "id": f"n{begin}"}}
            await line.exchange.post_batch([*family, corrected])
        done.set()

    async def follow() -> None:
        while not done.is_set():
            for each in [*line.folding, line.distributing]:
                await each.step()

    async def look() -> None:
        while not done.is_set():
            with suppress(InFlight):
                assert await reconcilers.found() == set()

    await asyncio.gather(report(), follow(), look())
    await line.rest()
    assert await reconcilers.found() == set()
    assert await reconcilers.exchange.pool.fetchval("SELECT count(*) FROM finding") == 0
    assert await reconcilers.registry.pool.fetchval("SELECT count(*) FROM finding") == 0


def registered(count: int, begin: int = 1) -> list[CloudEvent]:
    """First registrations of so many people, each in a household of their own."""
    return [
        says(
            "household.registered", f"n{n}", {"person": person(n, f"P {n}"), **household(number_=f"H{n}")}, "2024-02-03"
        )
        for n in range(begin, begin + count)
    ]


async def test_a_partition_that_is_behind_keeps_nobody_from_looking_at_the_others(reconcilers: Reconcilers) -> None:
    line, pool = reconcilers.line, exchange_of(reconcilers)
    await line.report(*registered(24))
    head = "SELECT position FROM feed_head WHERE feed = 'vital-events' AND partition = 0"
    begin = 25
    while await pool.fetchval(head) == (await line.folding[0].standing())[1]:  # until it has something nobody took
        await line.exchange.post(registered(1, begin)[0])
        begin += 1
    for follower in [*line.folding[1:], line.sharing, line.distributing]:
        while await follower.step():
            pass
    receipt = await pool.fetchval(
        "SELECT receipt FROM journal JOIN outcome USING (receipt) WHERE partition = 2 LIMIT 1"
    )
    await pool.execute("UPDATE outcome SET status = 'rejected' WHERE receipt = $1", receipt)
    (events,) = [check for check in reconcilers.exchange.checks if check.name == "events"]
    await reconcilers.exchange.round(events)
    found = await pool.fetch("SELECT kind, place FROM finding WHERE settled_at IS NULL")
    assert [(row["kind"], row["place"]) for row in found] == [(OUTCOME_DIFFERS, f"receipt {receipt}")]


async def test_what_is_signed_today_and_valid_later_is_no_difference_on_its_first_day(reconcilers: Reconcilers) -> None:
    line, hands = reconcilers.line, Hands(reconcilers.line.exchange)
    begins = clock.today() + timedelta(days=10)
    later = document(valid_from=str(begins))
    await hands.propose(later)
    await hands.approve(later["identifier"], *later["approved_by"]["giving"], "housing")
    await line.report(*registered(1))
    said = {"dwelling": {"number": "F1", "area": TOWN}, "occupants": [person(1)]}
    await line.report(says("dwelling.registered", "d1", said, "2024-05-01"))
    assert await reconcilers.found() == set()
    (check,) = [check for check in reconcilers.exchange.checks if check.name == "told"]
    beside: Any = check.look.__self__  # type: ignore[attr-defined] # asked before the clock is put on: tokens have ends
    page = await beside.ask(None)
    with clock.frozen(clock.now() + timedelta(days=11)):
        assert await beside.differing(page.people) == []
