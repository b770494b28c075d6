"""The access log is sealed: under many writers, beside long transactions, after a kill; and every change is found."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from deploy.tenfold.cli import app
from shared.audit import repository
from shared.audit.checkpoint import Checkpoint, keys_of, read, sign
from shared.audit.log import Reading, record
from shared.audit.seal import PAGE, Sealer
from shared.audit.verify import Fault, Verdict, Verification
from shared.auth.caller import Caller
from shared.crypto.keyring import KeyRing
from shared.db import connect, transaction
from tests.conftest import Database

OFFICIAL = Caller("official-7", "housing", purpose="service-delivery", roles=frozenset({"clerk"}))
SEALING = """
import asyncio, sys
from pathlib import Path
from shared.audit.seal import Sealer
from shared.crypto.keyring import KeyRing
from shared.db import connect

async def main():
    sealer = Sealer(await connect(sys.argv[1], most=2), KeyRing.load(Path(sys.argv[2])), "registry")
    print("ready", flush=True)
    while True:
        if await sealer.once():
            print("sealed", flush=True)

asyncio.run(main())
"""


@dataclass
class Log:
    """A database with an access log, its sealer, and who writes to it."""

    url: str
    keys: Path
    pool: asyncpg.Pool
    sealer: Sealer
    written: int = field(default=0)

    async def write(self, *references: str, people: int = 1) -> None:
        """One transaction that reads this many people."""
        self.written += 1
        named = references or [f"person-{self.written}-{n}" for n in range(people)]
        async with transaction(self.pool) as connection:
            readings = [Reading(name, ("name", "residence")) for name in named]
            await record(connection, OFFICIAL, readings, action="look-up", basis="an-agreement")

    async def sealed(self) -> int:
        """Seal until nothing is left; returns how many rows."""
        rows = 0
        while found := await self.sealer.once():
            rows += found
        return rows

    async def verdict(self, *kept: str) -> Verdict:
        """Verify everything."""
        return await Verification("registry", keys_of(self.sealer.ring), kept).run(self.pool)

    async def faults(self, *kept: str) -> set[Fault]:
        """What verifying finds."""
        return set((await self.verdict(*kept)).faults)

    async def row(self, reference: str) -> UUID:
        """The id of the row about somebody."""
        found: UUID = await self.pool.fetchval("SELECT access_id FROM access_log WHERE reference = $1", reference)
        return found

    async def checkpoint(self) -> str:
        """The newest signed line."""
        async with self.pool.acquire() as connection:
            line = await repository.checkpoint(connection)
        assert line is not None
        return line


@pytest.fixture
async def sealed_log(database: Database, tmp_path: Path) -> AsyncIterator[Log]:
    """The registry's database, with an empty access log."""
    url, keys = await database("registry"), tmp_path / "audit.keys"
    ring = KeyRing.create(keys, ["audit"])
    pool = await connect(url, most=20)
    yield Log(url, keys, pool, Sealer(pool, ring, "registry"))
    await pool.close()


@pytest.fixture
async def three_seals(sealed_log: Log) -> Log:
    """Three seals of two rows each: a to f."""
    for pair in ("ab", "cd", "ef"):
        await sealed_log.write(*pair)
        assert await sealed_log.sealed() == 2
    verdict = await sealed_log.verdict()
    assert (verdict.seals, verdict.rows, verdict.faults, verdict.waiting.rows) == (3, 6, [], 0)
    return sealed_log


Tamper = Callable[[Log], Awaitable[object]]


def statement(sql: str) -> Tamper:
    """Somebody with the database runs this."""
    return lambda log: log.pool.execute(sql)


CHANGES: dict[str, tuple[Tamper, set[tuple[str, int, str | None]]]] = {
    **{
        f"field {column}": (
            statement(f"UPDATE access_log SET {column} = {value} WHERE reference = 'c'"),
            {("row-changed", 2, "c")},
        )
        for column, value in {
            "at": "at + interval '1 microsecond'",
            "subject": "'official-8'",
            "department": "'health'",
            "service": "'exchange'",
            "facility": "''",
            "purpose": "'audit'",
            "action": "'case'",
            "fields": "fields[1:1]",
            "basis": "basis || ','",
        }.items()
    },
    "row deleted": (statement("DELETE FROM access_log WHERE reference = 'c'"), {("row-deleted", 2, None)}),
    "row inserted": (
        statement(
            "INSERT INTO access_log (subject, purpose, action, reference, fields, basis, written_by)"
            " SELECT subject, purpose, action, 'x', fields, basis, written_by FROM access_log WHERE reference = 'a'"
        ),
        {("row-inserted", 2, "x")},
    ),
    "rows swapped": (
        statement(
            "UPDATE access_log SET reference = CASE reference WHEN 'a' THEN 'e' ELSE 'a' END"
            " WHERE reference IN ('a', 'e')"
        ),
        {("row-changed", 1, "e"), ("row-changed", 3, "a")},
    ),
    "row moved behind the chain": (
        statement("UPDATE access_log SET written_by = written_by + 1000000 WHERE reference = 'c'"),
        {("row-deleted", 2, "c"), ("row-from-the-future", 3, None)},
    ),
    "seal deleted": (
        statement("DELETE FROM access_seal WHERE number = 2"),
        {("seal-deleted", 2, None), ("seal-changed", 3, None), ("row-inserted", 3, "c"), ("row-inserted", 3, "d")},
    ),
    "list of rows cut": (
        statement("UPDATE access_seal SET leaves = substr(leaves, 1, 48) WHERE number = 2"),
        {("seal-changed", 2, None), ("row-inserted", 2, "d")},
    ),
    "head changed": (
        statement("UPDATE access_seal SET head = root WHERE number = 2"),
        {("seal-changed", 2, None), ("checkpoint-forged", 2, None), ("seal-changed", 3, None)},
    ),
    "checkpoint of another seal": (
        statement("UPDATE access_seal SET checkpoint = (SELECT checkpoint FROM access_seal WHERE number = 1)"),
        {("checkpoint-forged", 2, None), ("checkpoint-forged", 3, None)},
    ),
}


@pytest.mark.parametrize("named", CHANGES)
async def test_every_change_is_found_and_named(three_seals: Log, named: str) -> None:
    tamper, wanted = CHANGES[named]
    await tamper(three_seals)
    rows = {each["access_id"]: each["reference"] for each in await three_seals.pool.fetch("SELECT * FROM access_log")}
    found = await three_seals.faults()
    assert {(each.what, each.seal) for each in found} == {(what, seal) for what, seal, _ in wanted}
    assert {reference for _, _, reference in wanted if reference} <= {
        rows[each.row] for each in found if each.row in rows
    }


async def test_a_deleted_row_is_named_by_its_id(three_seals: Log) -> None:
    gone = await three_seals.row("d")
    await three_seals.pool.execute("DELETE FROM access_log WHERE reference = 'd'")
    assert await three_seals.faults() == {Fault("row-deleted", 2, gone)}


async def test_a_deleted_tail_is_found_by_a_checkpoint_that_was_kept(three_seals: Log) -> None:
    kept = await three_seals.checkpoint()
    assert await three_seals.faults(kept) == set()
    await three_seals.pool.execute("DELETE FROM access_log WHERE reference IN ('e', 'f')")
    await three_seals.pool.execute("DELETE FROM access_seal WHERE number = 3")
    assert await three_seals.faults() == set(), "what remains is whole in itself"
    assert await three_seals.faults(kept) == {Fault("tail-deleted", 3)}


async def test_whoever_holds_the_key_and_writes_the_chain_anew_is_found_by_a_kept_checkpoint(three_seals: Log) -> None:
    kept = await three_seals.checkpoint()
    await three_seals.pool.execute("DELETE FROM access_seal")
    await three_seals.pool.execute("DELETE FROM access_log WHERE reference = 'c'")
    for _ in range(3):
        await three_seals.write()
        await three_seals.sealed()
    assert await three_seals.faults() == set()
    assert await three_seals.faults(kept) == {Fault("kept-checkpoint-differs", 3)}


async def test_a_chain_written_anew_without_the_key_is_forged(three_seals: Log, tmp_path: Path) -> None:
    await three_seals.pool.execute("DELETE FROM access_seal")
    await three_seals.pool.execute("UPDATE access_log SET subject = 'nobody'")
    stranger = KeyRing.create(tmp_path / "stranger.keys", ["audit"])
    assert await Sealer(three_seals.pool, stranger, "registry").once() == 6
    assert await three_seals.faults() == {Fault("checkpoint-forged", 1)}
    said = read(await three_seals.checkpoint(), keys_of(stranger))
    assert await three_seals.faults(sign(stranger, said)) >= {Fault("kept-checkpoint-forged", 0)}


async def test_the_checkpoint_of_another_service_is_none_of_this_one(three_seals: Log) -> None:
    said = read(await three_seals.checkpoint(), keys_of(three_seals.sealer.ring))
    other = Checkpoint(**said.model_dump() | {"service": "alerts"})
    assert await three_seals.faults(sign(three_seals.sealer.ring, other)) == {Fault("kept-checkpoint-differs", 3)}


async def test_sixteen_writers_and_two_sealers_leave_no_row_out(sealed_log: Log) -> None:
    done = asyncio.Event()

    async def sealing() -> None:
        while not done.is_set():
            await sealed_log.sealer.once()

    async def writing(number: int) -> None:
        for turn in range(15):
            await sealed_log.write(*(f"{number}-{turn}-{n}" for n in range(3)))

    async with asyncio.TaskGroup() as tasks:
        sealers = [tasks.create_task(sealing()) for _ in range(2)]
        async with asyncio.TaskGroup() as writers:
            for number in range(16):
                writers.create_task(writing(number))
        done.set()
        await asyncio.gather(*sealers)
    await sealed_log.sealed()
    verdict = await sealed_log.verdict()
    assert (verdict.rows, verdict.faults, verdict.waiting.rows) == (16 * 15 * 3, [], 0)
    assert verdict.seals > 1


async def test_a_transaction_that_stays_open_delays_and_its_own_rows_come_in_order(sealed_log: Log) -> None:
    """By id alone, the slow one's row would lie before the seal that was made meanwhile."""
    async with transaction(sealed_log.pool) as slow:
        await record(slow, OFFICIAL, [Reading("slow", ())], action="look-up", basis="x")
        await sealed_log.write("quick")
        assert await sealed_log.sealed() == 0
        assert (await sealed_log.verdict()).waiting.rows == 1
    assert await sealed_log.sealed() == 2
    assert await sealed_log.faults() == set()


async def test_a_delay_beyond_the_limit_is_one_alarm(sealed_log: Log) -> None:
    watched = Sealer(sealed_log.pool, sealed_log.sealer.ring, "registry", too_late=0.0)
    with capture_logs() as logs:
        async with transaction(sealed_log.pool) as slow:
            await slow.execute("SELECT pg_current_xact_id()")
            await sealed_log.write("waits")
            assert await watched.once() == 0
            await watched.watch()
            await watched.watch()
        assert await watched.once() == 1
        assert await watched.watch() == 0.0
    assert [each["event"] for each in logs] == ["access_log_unsealed"]


async def test_rows_that_were_rolled_back_are_not_missed(sealed_log: Log) -> None:
    async with sealed_log.pool.acquire() as connection:
        failing = connection.transaction()
        await failing.start()
        await record(connection, OFFICIAL, [Reading("never", ())], action="look-up", basis="x")
        await failing.rollback()
    await sealed_log.write("after")
    assert await sealed_log.sealed() == 1
    assert await sealed_log.faults() == set()


async def test_one_transaction_may_fill_several_pages(sealed_log: Log) -> None:
    await sealed_log.write(people=PAGE + 1)
    assert [await sealed_log.sealer.once() for _ in range(3)] == [PAGE, 1, 0]
    verdict = await sealed_log.verdict()
    assert (verdict.seals, verdict.rows, verdict.faults) == (2, PAGE + 1, [])


async def test_a_sealer_that_is_killed_leaves_whole_seals_or_none(sealed_log: Log) -> None:
    for _ in range(4):
        told = [sys.executable, "-c", SEALING, sealed_log.url, str(sealed_log.keys)]
        process = await asyncio.create_subprocess_exec(*told, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        writing = asyncio.create_task(many(sealed_log))
        assert await process.stdout.readline() == b"sealed\n"
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        await writing
        assert await sealed_log.faults() == set()
    await sealed_log.sealed()
    verdict = await sealed_log.verdict()
    assert (verdict.rows, verdict.faults, verdict.waiting.rows) == (4 * 40 * 5, [], 0)


async def many(log: Log) -> None:
    for _ in range(40):
        await log.write(people=5)


async def told(*arguments: str) -> tuple[int, str]:
    """Run the command as people do; it has a loop of its own, so in a thread."""
    result = await asyncio.to_thread(CliRunner().invoke, app, ["audit", *arguments])
    return result.exit_code, result.stdout


async def test_the_command_ends_with_1_where_something_was_changed(three_seals: Log, tmp_path: Path) -> None:
    at = ["--url", three_seals.url, "--service", "registry"]
    assert await told("verify", *at, "--keys", str(three_seals.keys)) == (0, "read 6 rows in 3 seals\nunchanged\n")
    status, line = await told("checkpoint", *at)
    assert (status, line.strip()) == (0, await three_seals.checkpoint())
    (tmp_path / "kept").write_text(line)
    _, jwks = await told("key", "--keys", str(three_seals.keys))
    (tmp_path / "jwks.json").write_text(jwks)
    checked = [*at, "--public-key", str(tmp_path / "jwks.json"), "--checkpoint", str(tmp_path / "kept")]
    assert (await told("verify", *checked))[0] == 0
    row = await three_seals.row("e")
    await three_seals.pool.execute("UPDATE access_log SET basis = 'another' WHERE reference = 'e'")
    status, said = await told("verify", *checked)
    assert (status, said.splitlines()[1:]) == (1, [f"row-changed seal 3 row {row}", "CHANGED"])


async def test_many_faults_are_counted_and_some_are_named(sealed_log: Log) -> None:
    await sealed_log.write(people=30)
    await sealed_log.sealed()
    await sealed_log.pool.execute("UPDATE access_log SET subject = 'nobody'")
    status, said = await told("verify", "--url", sealed_log.url, "--keys", str(sealed_log.keys))
    assert status == 1
    assert said.count("row-changed seal 1 row ") == 20
    assert "in all: 30 row-changed" in said


async def test_nothing_sealed_has_no_checkpoint_and_what_waits_is_told(sealed_log: Log) -> None:
    assert (await told("checkpoint", "--url", sealed_log.url))[0] == 1
    await sealed_log.write()
    status, said = await told("verify", "--url", sealed_log.url, "--keys", str(sealed_log.keys))
    assert status == 0
    assert "not sealed yet: 1 rows" in said
