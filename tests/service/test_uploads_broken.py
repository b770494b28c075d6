"""Sent registers that are broken, heavy or cut off: nobody is lost, nothing piles up, and the worker goes on."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.registry.imports import repository as imports
from services.registry.imports.handlers import Chunk, Importing
from services.registry.imports.processes import judged
from services.registry.imports.reading import LONGEST_ROW, chunks
from services.registry.imports.repository import CommittedBefore, Ended
from services.registry.uploads import repository as sql
from services.registry.uploads.pieces import PIECE
from services.registry.uploads.worker import TAKINGS
from shared.db import transaction
from tests.imports_world import HEADER, MAPPING, ImportWorld, line
from tests.registry_world import RegistryWorld
from tests.uploads_world import Clerk, content

pytest_plugins = ["tests.registry", "tests.uploads"]
GOOD = [line(n) for n in range(1, 11)]


async def ended(clerk: Clerk, body: bytes, *, mapping: str = MAPPING) -> dict[str, Any]:
    """What becomes of a file."""
    import_id = await clerk.asked(mapping=mapping)
    assert (await clerk.sent(import_id, body)).status_code == 202
    await clerk.importer().step()
    return await clerk.state(import_id)


async def test_a_file_that_breaks_off_is_refused_and_whoever_it_brought_is_told_of(bulk_clerk: Clerk) -> None:
    pool = bulk_clerk.registry.service.pool
    found = await ended(bulk_clerk, content(GOOD) + b"x" * LONGEST_ROW * 9 + b"\xff\xff\n")
    assert (found["standing"], found["rows"]["imported"]) == ("refused", 10)
    async with transaction(pool) as connection:
        assert await imports.to_tell(connection) is not None
    found = await ended(bulk_clerk, content([*GOOD, line(11)]))  # mended, under its name
    assert (found["standing"], found["rows"]["known"], found["rows"]["imported"]) == ("done", 10, 1)


async def test_a_row_without_an_end_is_refused_before_it_is_read(bulk_clerk: Clerk) -> None:
    found = await ended(bulk_clerk, content(GOOD) + b'"\n",' * LONGEST_ROW)
    assert (found["standing"], found["why"]) == ("refused", f"has a row of more than {LONGEST_ROW} characters")


async def test_an_upload_that_cannot_be_noted_stops_and_the_worker_goes_on(bulk_clerk: Clerk) -> None:
    import_id = await bulk_clerk.asked()
    await bulk_clerk.sent(import_id, content(GOOD))
    pool = bulk_clerk.registry.service.pool
    await pool.execute("ALTER TABLE register_upload ADD CONSTRAINT no_end CHECK (standing <> 'done')")
    assert not await bulk_clerk.importer().step()
    found = await bulk_clerk.state(import_id)
    assert (found["standing"], found["why"]) == ("stopped", "CheckViolationError")
    await pool.execute("ALTER TABLE register_upload DROP CONSTRAINT no_end")
    resumed = (await bulk_clerk.call("POST", f"/{import_id}/resume")).json()
    assert (resumed["standing"], resumed["resumed_by"]) == ("waiting", resumed["asked_by"])
    assert await bulk_clerk.importer().step()
    assert (await bulk_clerk.state(import_id))["rows"]["imported"] == 10


async def test_an_upload_that_kills_its_worker_is_not_taken_for_ever(bulk_clerk: Clerk) -> None:
    pool = bulk_clerk.registry.service.pool
    import_id = await bulk_clerk.asked()
    await bulk_clerk.sent(import_id, content(GOOD))
    for _ in range(TAKINGS):
        async with transaction(pool) as connection:  # and then the worker is no more
            await sql.begun(connection, UUID(import_id))
    await bulk_clerk.importer().step()
    assert (await bulk_clerk.state(import_id))["standing"] == "stopped"
    await bulk_clerk.call("POST", f"/{import_id}/resume")
    await bulk_clerk.importer().step()
    assert (await bulk_clerk.state(import_id))["standing"] == "done"
    async with transaction(pool) as connection:  # who comes late changes nothing
        assert await sql.begun(connection, UUID(import_id)) is None
        await sql.stop(connection, UUID(import_id), ("late", "late"))
    assert (await bulk_clerk.state(import_id))["standing"] == "done"


async def test_what_is_broken_on_the_way_leaves_no_pieces_and_only_who_asked_sends(bulk_clerk: Clerk) -> None:
    pool = bulk_clerk.registry.service.pool
    import_id = await bulk_clerk.asked()
    bulk_clerk.lookups.app.state.uploads.largest = 2 * PIECE
    for _ in range(2):
        assert (await bulk_clerk.sent(import_id, bytes(2 * PIECE + 1))).status_code == 413
        assert await pool.fetchval("SELECT count(*) FROM upload_piece") == 0
    mine = bulk_clerk.token
    bulk_clerk.token = bulk_clerk.lookups.issuer.issue(
        subject="another-clerk",
        department="public-security",
        roles=("clerk",),
        purpose="household-registration",
    )
    assert (await bulk_clerk.sent(import_id, content(GOOD))).status_code == 404
    assert (await bulk_clerk.call("DELETE", f"/{import_id}")).json()["cancelled_by"] == "another-clerk"
    bulk_clerk.token = mine
    await bulk_clerk.importer().step()
    assert (await bulk_clerk.state(import_id))["cancelled_by"] == "another-clerk"
    assert await pool.fetchval("SELECT mapping FROM register_upload") is None


async def test_open_uploads_and_what_is_stored_are_bounded(bulk_clerk: Clerk) -> None:
    for _ in range(4):
        import_id = await bulk_clerk.asked()
        assert (await bulk_clerk.sent(import_id, bytes(2 * PIECE))).status_code == 202
    bulk_clerk.lookups.app.state.uploads.largest = 2 * PIECE
    assert (await bulk_clerk.sent(await bulk_clerk.asked(), b"x")).status_code == 409
    for _ in range(sql.MOST_OPEN - 5):
        await bulk_clerk.asked()
    body = {"name": "register.csv", "mapping": MAPPING}
    assert (await bulk_clerk.call("POST", "", json=body)).status_code == 409


async def test_of_sixteen_who_ask_at_once_for_the_last_places_as_many_have_one(bulk_clerk: Clerk) -> None:
    for _ in range(sql.MOST_OPEN - 2):
        await bulk_clerk.asked()
    pool = bulk_clerk.registry.service.pool
    body = {"name": "register.csv", "mapping": MAPPING}
    async with transaction(pool) as connection:  # of one the place is taken, and nobody else can see it yet
        assert await sql.add(connection, uuid4(), "clerk", "first.csv", "csv", b"", dry_run=False)
        asking = [asyncio.create_task(bulk_clerk.call("POST", "", json=body)) for _ in range(16)]
        while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not any(each.done() for each in asking)
    answers = [(await each).status_code for each in asking]
    assert sorted(answers) == [201, *[409] * 15]
    assert await pool.fetchval("SELECT count(*) FROM register_upload WHERE ended_at IS NULL") == sql.MOST_OPEN


async def test_a_slow_reader_of_faults_keeps_no_connection(bulk_clerk: Clerk) -> None:
    uploads, pool = bulk_clerk.lookups.app.state.uploads, bulk_clerk.lookups.app.state.uploads.pool
    found = await ended(bulk_clerk, content([line(n, 性别="7") for n in range(1, 11)]))
    row = await pool.fetchrow("SELECT * FROM register_upload")
    assert found["rows"]["faults"] == 10
    stream = uploads.faults_of(row)
    assert "问题" in await anext(stream)
    assert "性别" in await anext(stream)
    assert pool.get_idle_size() == pool.get_size()
    await stream.aclose()


async def test_a_chunk_that_comes_behind_the_end_or_twice_brings_nobody(bulk_clerk: Clerk, tmp_path: Any) -> None:
    registry: RegistryWorld = bulk_clerk.registry
    run = ImportWorld(registry, tmp_path).run(GOOD, size=10)
    plan, sources = run.plan()
    known, _ = await run.begin(resume=False)
    (page,) = chunks(run.file, run.mapping, 10)
    entries, met = judged(plan, page, sources)
    importing = Importing(registry.service.pool, registry.folding)
    await importing.take(Chunk(known.import_id, 0, entries[:5], met))
    with pytest.raises(CommittedBefore):
        await importing.take(Chunk(known.import_id, 0, entries[:5], met))
    await run.end(known, cancelled=True)
    with pytest.raises(Ended):
        await importing.take(Chunk(known.import_id, 1, entries[5:], met))
    assert await registry.count("person") == 5


async def test_a_few_bytes_of_parquet_do_not_become_gigabytes(bulk_clerk: Clerk, tmp_path: Any) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    from pyarrow import table

    file = tmp_path / "r.parquet"
    rows = [line(n) for n in range(1, 5_001)]
    columns = {name: [row[name] for row in rows] for name in HEADER} | {"unmapped": ["y" * 1_000_000] * len(rows)}
    parquet.write_table(table(columns | {"姓名": ["x" * 100_000] * len(rows)}), file)
    import_id = await bulk_clerk.asked(format="parquet")
    await bulk_clerk.sent(import_id, file.read_bytes())
    await asyncio.wait_for(bulk_clerk.importer().step(), 120)
    assert (await bulk_clerk.state(import_id))["why"] == "has a value of more than 4096 bytes"
    parquet.write_table(table({name: column[:3] for name, column in columns.items()}), file)
    import_id = await bulk_clerk.asked(format="parquet")
    await bulk_clerk.sent(import_id, file.read_bytes())
    await bulk_clerk.importer().step()
    assert (await bulk_clerk.state(import_id))["rows"]["imported"] == 3


BROKEN = (
    "source: 2024-13-45",
    "a: &a {b: *a}",
    "[" * 5_000,
    'a: !!int "x"',
    "a: " + "1" * 5_000,
    MAPPING.replace("姓名", '"\\0x"'),
    '"\\ud800": x',
    MAPPING.replace("姓名", "x" * 201),
    MAPPING.replace("%Y%m%d", "%Y%Y"),
    MAPPING.replace("fields:", "delimiter: '\"'\nfields:"),
)


async def test_a_mapping_that_is_a_trap_is_refused_by_its_line(bulk_clerk: Clerk) -> None:
    for mapping in BROKEN:
        answer = await bulk_clerk.call("POST", "", json={"name": "register.csv", "mapping": mapping})
        assert answer.status_code == 422, mapping[:50]
        assert answer.json()["faults"][0]["message"].startswith("line ")
