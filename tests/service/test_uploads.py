"""A register is sent over HTTP, judged or imported, by the engine of the command: sealed, resumable, cancelled."""

import asyncio

import pytest

from services.registry.uploads.pieces import PIECE
from tests.imports_world import MAPPING, line
from tests.uploads_world import Clerk, content

pytest_plugins = ["tests.registry", "tests.uploads"]
COLUMNS = ["row", "column", "fault", "问题"]


async def test_a_sent_register_is_imported_and_its_file_is_sealed_and_then_removed(bulk_clerk: Clerk) -> None:
    pool = bulk_clerk.registry.service.pool
    rows = [line(1), line(2), line(3, 性别="7"), line(4)]
    import_id = await bulk_clerk.asked()
    assert (await bulk_clerk.sent(import_id, content(rows)[:99])).json()["standing"] == "waiting"
    assert (await bulk_clerk.sent(import_id, content(rows))).status_code == 409  # it has its file
    assert (await bulk_clerk.call("DELETE", f"/{import_id}")).json()["cancelling"] is True
    assert await bulk_clerk.importer().step()
    assert (await bulk_clerk.state(import_id))["standing"] == "cancelled"

    import_id = await bulk_clerk.asked()
    assert (await bulk_clerk.sent(import_id, content(rows))).status_code == 202
    stored = b"".join(row["body"] for row in await pool.fetch("SELECT body FROM upload_piece"))
    assert len(stored) > len(content(rows))
    assert b"Person" not in stored
    assert await bulk_clerk.importer().step()
    found = await bulk_clerk.state(import_id)
    assert (found["standing"], found["rows_done"], found["why"]) == ("done", 4, None)
    assert found["rows"] == {"imported": 3, "folded": 0, "held": 0, "known": 0, "faults": 1}
    assert await bulk_clerk.faults(import_id) == [
        COLUMNS,
        ["4", "性别", "is not among the mapped codes", "不在映射的代码中"],
    ]
    assert await pool.fetchval("SELECT count(*) FROM upload_piece") == 0
    assert await bulk_clerk.registry.count("person") == 3
    assert not await bulk_clerk.importer().step()


async def test_a_dry_run_names_faults_and_stores_nobody(bulk_clerk: Clerk) -> None:
    import_id = await bulk_clerk.asked(dry_run=True)
    await bulk_clerk.sent(import_id, content([line(1), line(2, 性别="7")]))
    await bulk_clerk.importer().step()
    found = await bulk_clerk.state(import_id)
    assert (found["standing"], found["rows_done"], found["rows"]["faults"]) == ("done", 2, 1)
    assert [fault[:2] for fault in await bulk_clerk.faults(import_id)] == [["row", "column"], ["3", "性别"]]
    assert await bulk_clerk.registry.count("person") == 0


async def test_an_import_whose_worker_ends_goes_on_and_a_cancelled_one_is_told_of(bulk_clerk: Clerk) -> None:
    pool = bulk_clerk.registry.service.pool
    rows = [line(n) for n in range(1, 201)]
    import_id = await bulk_clerk.asked()
    await bulk_clerk.sent(import_id, content(rows))
    running = await bulk_clerk.begun(import_id)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    found = await bulk_clerk.state(import_id)
    assert found["standing"] == "running"
    assert 0 < found["rows"]["imported"] < 200

    running = await bulk_clerk.begun(import_id)
    await bulk_clerk.call("DELETE", f"/{import_id}")
    assert await running
    found = await bulk_clerk.state(import_id)
    if found["standing"] == "running":  # it was cancelled before this worker had begun with it
        await bulk_clerk.importer().step()
        found = await bulk_clerk.state(import_id)
    assert found["standing"] == "cancelled"
    brought = found["rows"]["imported"]
    assert await bulk_clerk.registry.count("person") == brought
    standing = await pool.fetch("SELECT standing, told_behind IS NOT NULL AS to_tell FROM register_import")
    assert [tuple(row) for row in standing] == [("cancelled", True)]

    again = await bulk_clerk.asked()  # the same file anew
    await bulk_clerk.sent(again, content(rows))
    await bulk_clerk.importer().step()
    found = await bulk_clerk.state(again)
    assert found["rows"] == {"imported": 200 - brought, "folded": 0, "held": 0, "known": brought, "faults": 0}
    listed = (await bulk_clerk.call("GET", "")).json()["imports"]
    assert [each["import_id"] for each in listed] == [again, import_id]


async def test_what_cannot_be_an_import_is_refused_before_it_is_stored(bulk_clerk: Clerk) -> None:
    body = {"name": "register.csv", "mapping": MAPPING.replace("姓名", "姓名\n  name: 名")}
    answer = await bulk_clerk.call("POST", "", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["faults"]] == ["/mapping"]
    assert "line 7" in answer.json()["faults"][0]["message"]
    import_id = await bulk_clerk.asked(mapping=MAPPING.replace("行政区划", "没有的列"))
    kind = {"content-type": "application/json"}
    assert (await bulk_clerk.call("PUT", f"/{import_id}/file", content=b"x", headers=kind)).status_code == 415
    assert (await bulk_clerk.call("POST", f"/{import_id}/resume")).status_code == 409
    assert (await bulk_clerk.sent(import_id, b"")).status_code == 422
    bulk_clerk.lookups.app.state.uploads.largest = 2 * PIECE
    assert (await bulk_clerk.sent(import_id, bytes(2 * PIECE + 1))).status_code == 413
    assert (await bulk_clerk.sent(import_id, content([line(1)]))).status_code == 202  # begun anew
    await bulk_clerk.importer().step()
    found = await bulk_clerk.state(import_id)
    assert found["standing"] == "refused"
    assert "没有的列" in found["why"]
    assert await bulk_clerk.registry.service.pool.fetchval("SELECT count(*) FROM upload_piece") == 0
