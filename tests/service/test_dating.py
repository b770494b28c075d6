"""Events that were accepted before the journal knew when they were are filled in from their bodies."""

from services.exchange.intake import dating
from tests.exchange_world import POLICE, Exchange, registration

pytest_plugins = ["tests.exchange"]
COLUMNS = "SELECT id, time, supersedes_source, supersedes_id FROM journal ORDER BY id"


async def test_what_the_intake_writes_is_what_the_bodies_say(exchange: Exchange) -> None:
    events = [registration(f"n{n}", n, time=f"2026-02-01T08:00:{n % 60:02}.5Z") for n in range(700)]
    corrected = registration("of-n1", 1)
    corrected["data"] |= {"action": "corrected", "supersedes": {"source": POLICE, "id": "n1"}}
    await exchange.post_batch([*events, corrected])
    pool = exchange.service.pool
    written = await pool.fetch(COLUMNS)
    await pool.execute("UPDATE journal SET time = NULL, supersedes_source = NULL, supersedes_id = NULL")
    await dating.date_journal(exchange.service)
    assert await pool.fetch(COLUMNS) == written
    assert [tuple(row)[2:] for row in written if row["id"] == "of-n1"] == [(POLICE, "n1")]
    assert await dating.step(exchange.service) == 0
