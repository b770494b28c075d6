"""A register in Parquet, sent over HTTP: judged, cut off, sent once more, its faults read, its people found."""

from collections.abc import AsyncIterator, Mapping, Sequence
from io import BytesIO

import pytest
from starlette.requests import ClientDisconnect

from services.registry.uploads.pieces import PIECE
from tests.imports_world import BORN, HEADER, line
from tests.uploads_world import Clerk

pytest_plugins = ["tests.registry", "tests.uploads"]
pyarrow = pytest.importorskip("pyarrow")
KIND = {"content-type": "application/vnd.apache.parquet"}
NAME = "欧阳小明"


def content(rows: Sequence[Mapping[str, str]], padding: int = 0) -> bytes:
    """The rows as a Parquet file, with a column that no mapping names and that makes it larger."""
    from pyarrow.parquet import write_table

    columns = {name: [row[name] for row in rows] for name in HEADER}
    extra = {"备注": [format(n, f"0{padding}b") for n in range(len(rows))]} if padding else {}
    file = BytesIO()
    write_table(pyarrow.table(columns | extra), file, compression="none", use_dictionary=False)
    return file.getvalue()


async def in_bits(body: bytes, until: int | None = None) -> AsyncIterator[bytes]:
    """The body as a slow line carries it; cut off behind so many bytes."""
    for start in range(0, len(body), 50_000):
        if until is not None and start > until:
            raise ClientDisconnect  # as a request says whose sender is gone
        yield body[start : start + 50_000]


async def test_a_register_in_parquet_is_judged_cut_off_sent_once_more_and_its_people_are_found(
    bulk_clerk: Clerk,
) -> None:
    pool = bulk_clerk.registry.service.pool
    rows = [line(1, NAME), line(2), line(3, 性别="7"), line(4, 登记日期="2019-05-01"), line(5)]
    body = content(rows, padding=PIECE // 2)
    assert len(body) > 2 * PIECE

    dry = await bulk_clerk.asked(dry_run=True, format="parquet")
    assert (await bulk_clerk.call("PUT", f"/{dry}/file", content=in_bits(body), headers=KIND)).status_code == 202
    await bulk_clerk.importer().step()
    judged = await bulk_clerk.state(dry)
    assert (judged["standing"], judged["rows_done"], judged["rows"]["faults"]) == ("done", 5, 2)
    assert await bulk_clerk.registry.count("person") == 0

    import_id = await bulk_clerk.asked(format="parquet")
    cut = in_bits(body, until=PIECE + 1)
    assert (await bulk_clerk.call("PUT", f"/{import_id}/file", content=cut, headers=KIND)).status_code >= 400
    state = await bulk_clerk.state(import_id)
    assert (state["standing"], state["size"]) == ("awaiting-file", 0)
    assert await pool.fetchval("SELECT count(*) FROM upload_piece") == 1  # what came before the cut
    assert not await bulk_clerk.importer().step()  # and it is not taken for a file
    assert (await bulk_clerk.call("PUT", f"/{import_id}/file", content=in_bits(body), headers=KIND)).status_code == 202
    await bulk_clerk.importer().step()
    state = await bulk_clerk.state(import_id)
    assert (state["standing"], state["size"]) == ("done", len(body))
    assert state["rows"] == {"imported": 3, "folded": 0, "held": 0, "known": 0, "faults": 2}
    assert await pool.fetchval("SELECT count(*) FROM upload_piece") == 0

    faults = await bulk_clerk.faults(import_id)
    assert faults == await bulk_clerk.faults(dry)
    assert [fault[:2] for fault in faults[1:]] == [["4", "性别"], ["5", "登记日期"]]
    assert all(fault[2] and fault[3] for fault in faults)
    assert await found(bulk_clerk, NAME) == [NAME]
    assert await found(bulk_clerk, "Person 3") == []


async def found(clerk: Clerk, name: str) -> list[str]:
    """Whom a clerk finds by name and birth date, as written alike."""
    asked = {"name": name, "birth_date": str(BORN)}
    headers = {"authorization": f"Bearer {clerk.token}"}
    answer = await clerk.lookups.http.post("/v1/people/search", json=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return [hit["fields"]["name"] for hit in answer.json()["people"] if hit["match"] == "exact"]
