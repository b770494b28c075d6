"""A department's list of 100,000 rows beside the journal: sent, read, compared, stored, answered."""

import hashlib

import asyncpg
import httpx

from benchmarks.world import Figure, chunks, journal_columns, median_rate
from services.exchange.intake.journal import INSERT, keyed
from shared import clock
from shared.crypto.keyring import KeyRing
from tests.line import Line

ROWS, PORTION, PARTITION = 100_000, 10_000, 9
SOURCE = "urn:tenfold:public-security:household-register"
REPEATS = 3


async def reconciling(line: Line) -> Figure:
    """`POST /v1/reconciliations`, 100,000 rows of NDJSON that agree with the journal but for one in a hundred; limit:
    select the same rows and hash each."""
    ring = KeyRing.load(line.layout.keys("exchange"))
    kid = ring.current("digest")[0]
    listed = []
    connection = await asyncpg.connect(line.postgres.dsn("exchange"))
    for portion in chunks(range(ROWS), PORTION):
        columns = journal_columns([bytes(1200)] * len(portion), PARTITION, portion[0])
        digests = [hashlib.sha256(str(id_).encode()) for id_ in columns[6]]
        columns[8] = [keyed(ring, digest.digest(), kid) for digest in digests]
        await connection.fetch(INSERT, *columns)
        for id_, digest in zip(columns[6], digests, strict=True):
            listed.append(f'{{"source":"{SOURCE}","id":"{id_}","digest":"{digest.hexdigest()}"}}'.encode())
    await connection.execute("ANALYZE journal")
    body = b"\n".join(row for place, row in enumerate(listed) if place % 100)
    today = clock.today().isoformat()
    token = line.issuer.issue(subject="bench", department="public-security", roles=["reporter"])
    headers = {"authorization": f"Bearer {token}", "content-type": "application/x-ndjson"}

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{line.layout.port('exchange')}", timeout=120) as client:

        async def product() -> int:
            query = {"from": today, "to": today}
            answer = await client.post("/v1/reconciliations", params=query, content=body, headers=headers)
            if answer.status_code != 201 or answer.json()["counts"]["only_here"] < ROWS // 100:
                raise RuntimeError(answer.text[:200])
            return ROWS

        async def limit() -> int:
            rows = await connection.fetch("SELECT source, id, digest FROM journal WHERE partition = $1", PARTITION)
            for row in rows:
                hashlib.sha256(row["digest"]).digest()
            return len(rows)

        rate, bare = await median_rate(product, REPEATS), await median_rate(limit, REPEATS)
    await connection.execute("DELETE FROM journal /* removes */ WHERE partition = $1", PARTITION)
    await connection.close()
    name = "POST /v1/reconciliations, a list of 100,000 rows"
    return Figure(name, rate, "the same rows selected and hashed, 1 connection", bare, 0.06)
