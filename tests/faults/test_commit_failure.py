"""Accepted means committed: whatever becomes of COMMIT, no report is answered 2xx without its row, and none is lost."""

import asyncio
import contextlib
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.tenfold.embedded import EmbeddedPostgres
from services.exchange.intake.handlers import Intake
from services.exchange.intake.journal import Accepted, Journal, Report
from shared.auth.issuer import Issuer
from shared.db import Pool, connect, finished, transaction
from shared.migrate import upgrade
from shared.sharing.departments import Departments
from shared.sharing.schemes import Schemes
from tests.conftest import Database
from tests.exchange_world import Exchange, registration, running, settings_for, until

pytest_plugins = ["tests.exchange"]

# Fires when the transaction commits, after every statement has succeeded.
BREAK_COMMITS = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no commit today'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON journal DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse();
"""
# The server process of the transaction is ended in the middle of it.
KILL_BACKENDS = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON journal DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse();
"""
HEAL = "DROP TRIGGER refuse ON journal"


@pytest.mark.parametrize(
    ("trouble", "told"),
    [(BREAK_COMMITS, (500, "internal")), (KILL_BACKENDS, (503, "unavailable"))],
    ids=["commit fails", "backend dies"],
)
async def test_no_report_is_answered_2xx_while_commits_fail_and_nothing_is_doubled_after(
    exchange: Exchange, trouble: str, told: tuple[int, str]
) -> None:
    await exchange.service.pool.execute(trouble)
    events = [registration(f"n{n}", n) for n in range(8)]
    refused = [
        *await asyncio.gather(*(exchange.post(event) for event in events), *map(exchange.post_binary, events[:2])),
        await exchange.post(
            b"[" + b",".join(map(content_of, events)) + b"]", content_type="application/cloudevents-batch+json"
        ),
    ]
    for answer in refused:
        assert (answer.status_code, answer.json()["type"]) == (told[0], f"/errors#{told[1]}")
        assert answer.headers["content-type"] == "application/problem+json"
        if told[0] == 503:
            assert int(answer.headers["retry-after"]) > 0
        else:
            assert "retry-after" not in answer.headers
    assert await exchange.accepted() == 0
    await exchange.service.pool.execute(HEAL)
    healed = await asyncio.gather(*map(exchange.post, [*events, *events]))
    assert sorted(answer.status_code for answer in healed) == [200] * 8 + [202] * 8
    assert await exchange.accepted() == 8


async def flowing(told: dict[str, str]) -> None:
    """Load is flowing again: twenty more were accepted."""
    before = len(told)
    await until(lambda: len(told) >= before + 20)


def content_of(event: dict[str, object]) -> bytes:
    """Structured mode, as the fixture sends it."""
    return httpx.Request("POST", "http://x", json=event).content


async def test_the_database_may_stop_and_start_again_under_load(tmp_path: Path, issuer: Issuer) -> None:
    told: dict[str, str] = {}
    with EmbeddedPostgres(tmp_path / "postgres", shared_buffers="32MB") as server:
        server.ensure_database("exchange")
        await asyncio.to_thread(upgrade, "exchange", server.dsn("exchange"))
        async with running(settings_for(server.dsn("exchange"), tmp_path, issuer), issuer) as exchange:
            stopping = asyncio.Event()

            async def reporter(name: int) -> None:
                number, repeats = 0, 0
                while not stopping.is_set() or repeats:
                    event = registration(f"{name}-{number}", name)
                    answer = await exchange.post(event)
                    assert answer.status_code in (200, 202, 503), answer.text
                    if answer.status_code == 503:
                        repeats += 1
                        await asyncio.sleep(0.01)  # as Retry-After asks, only sooner
                        continue
                    told[event["id"]] = answer.json()["receipt"]
                    number, repeats = number + 1, 0

            async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
                for name in range(8):
                    tasks.create_task(reporter(name))
                for patience in (3.0, 0.0):
                    await flowing(told)
                    await asyncio.to_thread(server.stop, patience)
                    for path in ("/v1/receipts", "/v1/feed", "/readyz"):
                        answer = await exchange.http.get(path, headers=exchange.headers())
                        assert answer.status_code == 503, (path, answer.text)
                    await asyncio.to_thread(server.start)
                await flowing(told)
                stopping.set()
            rows = await exchange.service.pool.fetch("SELECT id, receipt::text FROM journal")
            assert {row["id"]: row["receipt"] for row in rows} == told
            assert await exchange.accepted() == len(told) == len(rows)


async def test_two_processes_that_accept_the_same_ids_at_once_give_one_receipt_each(
    exchange: Exchange, issuer: Issuer
) -> None:
    async with running(exchange.settings, issuer) as other:
        for round_ in range(10):
            # The same id about different people lands in different partitions: no common counter keeps the two apart.
            here, there = registration(f"r{round_}", round_), registration(f"r{round_}", round_ + 100)
            answers = await asyncio.gather(
                exchange.post(here), other.post(there), exchange.post(here), other.post(there)
            )
            statuses = sorted(answer.status_code for answer in answers)
            assert statuses == [200, 202, 409, 409], statuses
    assert await exchange.accepted() == 10


class Broken(Journal):
    """A journal with a fault of our own in it, once."""

    broken = True

    async def accept(self, reports: "list[Report] | tuple[Report, ...]") -> list[Accepted]:  # type: ignore[override]
        """Fail once, slowly enough for others to come meanwhile."""
        if self.broken:
            self.broken = False
            await asyncio.sleep(0.05)
            raise ZeroDivisionError
        return await super().accept(reports)


async def test_a_fault_of_our_own_leaves_nobody_waiting(exchange: Exchange) -> None:
    journal = Broken(exchange.service.pool, exchange.service.ring)
    provisioning = exchange.settings.provisioning
    exchange.app.state.intake = Intake(journal, Departments.load(provisioning), Schemes.load(provisioning))
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(exchange.post(registration("a")))
        await asyncio.sleep(0.01)
        second = tasks.create_task(exchange.post(registration("b")))
    assert (first.result().status_code, second.result().status_code) == (500, 202)
    assert await exchange.accepted() == 1


async def test_a_position_that_is_taken_already_is_an_error_and_no_endless_loop(exchange: Exchange) -> None:
    await exchange.post(registration("a"))
    await exchange.service.pool.execute("UPDATE feed_head SET position = 0 WHERE feed = 'vital-events'")
    async with asyncio.timeout(5):
        answer = await exchange.post(registration("b"))
    assert (answer.status_code, answer.json()["type"]) == (500, "/errors#internal")


async def test_an_event_that_the_database_refuses_does_not_spoil_those_that_wait_with_it(exchange: Exchange) -> None:
    await exchange.service.pool.execute(
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
        CREATE TRIGGER refuse BEFORE INSERT ON journal FOR EACH ROW WHEN (NEW.id = 'n3') EXECUTE FUNCTION refuse()"""
    )
    async with exchange.service.pool.acquire() as holding, holding.transaction():
        await holding.execute("SELECT FROM feed_head WHERE feed = 'vital-events' FOR UPDATE")
        posting = [asyncio.create_task(exchange.post(registration("first")))]
        intake = exchange.app.state.intake
        await until(lambda: intake.flusher is not None and not intake.waiting)
        posting += [asyncio.create_task(exchange.post(registration(f"n{n}", n))) for n in range(6)]
        await until(lambda: len(intake.waiting) == 6)
    statuses = [answer.status_code for answer in await asyncio.gather(*posting)]
    assert statuses == [202, 202, 202, 202, 500, 202, 202]
    assert await exchange.accepted() == 6


@pytest.mark.parametrize("code", ["55P03", "40P01", "57014", "53100"])
async def test_trouble_of_the_database_itself_is_told_as_such(exchange: Exchange, code: str) -> None:
    await exchange.service.pool.execute(
        f"""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RAISE EXCEPTION ''no'' USING ERRCODE = ''{code}''; END';
        CREATE TRIGGER refuse BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION refuse()"""
    )
    assert (await exchange.post(registration("a"))).status_code == 503
    await exchange.service.pool.execute(HEAL)
    assert (await exchange.post(registration("a"))).status_code == 202


async def test_a_cancelled_task_waits_for_its_commit_and_gives_its_connection_back(database: Database) -> None:
    pool = await connect(await database("exchange"), most=1)
    try:
        for delay in range(12):
            entered = asyncio.Event()

            async def write(number: int, entered: asyncio.Event = entered) -> None:
                async with transaction(pool) as connection:
                    await connection.execute("INSERT INTO feed_cursor (feed, partition) VALUES ($1, 0)", f"f{number}")
                    entered.set()

            task = asyncio.create_task(write(delay))
            await entered.wait()
            for _ in range(delay):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert pool.get_idle_size() == pool.get_size()
            kept = await pool.fetchval("SELECT count(*) FROM feed_cursor WHERE feed = $1", f"f{delay}")
            assert kept == 1 if not task.cancelled() else kept in (0, 1)
    finally:
        await pool.close()


async def test_a_cancellation_is_told_even_when_the_rollback_fails(database: Database) -> None:
    pool = await connect(await database("exchange"), most=1)
    other = await connect(await database("exchange"), most=1)
    try:
        inside = asyncio.Event()

        async def write() -> None:
            async with transaction(pool) as connection:
                pid = await connection.fetchval("SELECT pg_backend_pid()")
                assert await other.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(write())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pool.fetchval("SELECT 1") == 1
    finally:
        await pool.close()
        await other.close()


INSERT = "INSERT INTO feed_cursor (feed, partition) VALUES ('f', 0)"


async def insert_twice(pool: Pool) -> None:
    """A transaction whose second statement fails, and nobody looks."""
    async with transaction(pool) as connection:
        await connection.execute(INSERT)
        with contextlib.suppress(asyncpg.PostgresError):
            await connection.execute(INSERT)


async def test_a_transaction_that_failed_unnoticed_does_not_pass_for_committed(database: Database) -> None:
    pool = await connect(await database("exchange"), most=1)
    try:
        with pytest.raises(asyncpg.InFailedSQLTransactionError):
            await insert_twice(pool)
        assert await pool.fetchval("SELECT count(*) FROM feed_cursor") == 0
        async with transaction(pool) as connection:
            await connection.execute(INSERT)
            with contextlib.suppress(asyncpg.PostgresError):
                async with connection.transaction():  # a savepoint: the rest is whole
                    await connection.execute(INSERT)
        assert await pool.fetchval("SELECT count(*) FROM feed_cursor") == 1
    finally:
        await pool.close()


async def test_an_error_of_what_is_waited_for_is_told_unless_cancelled() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise asyncpg.InterfaceError("x")

    with pytest.raises(asyncpg.InterfaceError):
        await finished(fail())
    task = asyncio.create_task(finished(fail()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
