"""A process that is told to end answers whoever waits for news, and leaves nothing in its log."""

import asyncio
import signal
from pathlib import Path

import asyncpg
import httpx
import pytest

from shared.feed.watch import HEADS
from tests.line import running_line, until

LOOKED = f"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query = $look${HEADS}$look$)"


@pytest.mark.parametrize("path", ["/v1/feed?wait=30", "/v1/feed/stream"])
async def test_whoever_waits_is_answered_when_the_process_ends(tmp_path: Path, path: str) -> None:
    async with running_line(tmp_path, ("exchange-api",)) as line, line.client("exchange", "education") as client:
        process = line.running["exchange-api"]
        line.running.clear()  # nobody starts it again

        async def wait() -> httpx.Response:
            return await client.http.get(path)

        waiting = asyncio.create_task(wait())
        database = await asyncpg.connect(line.postgres.dsn("exchange"))
        await until(lambda: database.fetchval(LOOKED), "the process looks at the feed's head for somebody")
        await database.close()
        process.send_signal(signal.SIGTERM)
        answer = await asyncio.wait_for(waiting, 10)
        assert answer.status_code == 200
        assert await asyncio.to_thread(process.wait, 10) is not None
    assert "Traceback" not in (tmp_path / "exchange-api.log").read_text()
