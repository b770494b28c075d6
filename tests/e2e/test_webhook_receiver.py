"""The receiver in docs/webhooks.md works as it stands there: copied out, started, killed, started again."""

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.documents import ROOT, blocks
from tests.exchange_world import Exchange, served
from tests.line import until
from tests.webhooks_world import MINE, all_delivered, call, put, tell, worker_of, working

pytest_plugins = ["tests.exchange"]


@asynccontextmanager
async def started(folder: Path, **told: str) -> AsyncIterator[int]:
    """The documented receiver in a process of its own, killed at the end; gives its port."""
    (program,) = blocks((ROOT / "docs" / "webhooks.md").read_text(), "python")
    (folder / "receiver.py").write_text(program)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(folder / "receiver.py"),
        env={**os.environ, "STORE": str(folder / "store"), **told},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        said = (await process.stdout.readline()).split()
        assert said[0] == b"ready"
        yield int(said[1])
    finally:
        process.kill()
        await process.wait()


def kept(folder: Path) -> list[str]:
    """Ids the receiver has handled."""
    store = sqlite3.connect(folder / "store")
    try:
        return [row[0] for row in store.execute("SELECT id FROM entry ORDER BY rowid")]
    finally:
        store.close()


async def test_the_documented_receiver_is_called_pulls_survives_a_kill_and_believes_nobody_else(
    exchange: Exchange, tmp_path: Path
) -> None:
    token = exchange.headers(MINE)["authorization"].removeprefix("Bearer ")
    secret = (await put(exchange, "school", "http://127.0.0.1:1/hook"))["secret"]
    async with served(exchange.app) as url, working(worker_of(exchange.service, retries=(0.0, *[0.05] * 600))):
        told = {"EXCHANGE": url, "TOKEN": token, "SECRETS": f"whsec_{'A' * 32} {secret}", "PORT": "0"}
        async with started(tmp_path, **told) as port:
            await put(exchange, "school", f"http://127.0.0.1:{port}/hook")
            said = (await call(exchange, "POST", "school/test")).json()
            assert (said["delivered"], said["status"]) == (True, 204)
            ids = await tell(exchange, 3)
            await until(lambda: kept(tmp_path) == ids, "three entries kept")
            async with httpx.AsyncClient() as stranger:
                forged = {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
                for headers in ({}, forged):
                    answer = await stranger.post(f"http://127.0.0.1:{port}/hook", content=b"{}", headers=headers)
                    assert answer.status_code == 401
        # Killed. What comes meanwhile waits, and it reads it when it is there again.
        ids += await tell(exchange, 5)
        async with started(tmp_path, **told) as port:
            await until(lambda: kept(tmp_path) == ids, "what was missed")
            await put(exchange, "school", f"http://127.0.0.1:{port}/hook")
            ids += await tell(exchange, 2)
            await until(lambda: kept(tmp_path) == ids, "what is new")
            await all_delivered(exchange, "school", 10)
        # A feed that was reset is read from its beginning; what is known is not done twice.
        await exchange.service.pool.execute("UPDATE feed_head SET epoch = gen_random_uuid()")
        async with started(tmp_path, **told) as port:
            await put(exchange, "school", f"http://127.0.0.1:{port}/hook")
            ids += await tell(exchange, 1)
            await until(lambda: kept(tmp_path) == ids, "after the reset")
    store = sqlite3.connect(tmp_path / "store")
    (event,) = store.execute("SELECT cloud_event FROM entry LIMIT 1").fetchone()
    store.close()
    assert json.loads(event)["type"] == "cn.tenfold.person.changed.v1"
