"""Whatever a stream is told to begin behind, it begins: a cursor that means nothing is answered with a reset."""

import pytest

from shared.feed import http
from tests.alerts_world import World
from tests.exchange_world import Exchange

pytest_plugins = ["tests.alerts", "tests.exchange"]
UNKNOWN = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
CURSORS = [b"x", b"1:1", b"a:b:c", b"x" * 5_000, f"{UNKNOWN}:-1".encode(), f"{UNKNOWN}:{'9' * 30}".encode(),
           f"{UNKNOWN}:1".encode(), f"{UNKNOWN}:1_0".encode(), "王".encode(), b"\xff\xfe", b"%00"]  # fmt: skip


def as_bytes(caller: dict[str, str], cursor: bytes) -> list[tuple[bytes, bytes]]:
    """Headers, with a cursor that may be no text."""
    return [(name.encode(), value.encode()) for name, value in caller.items()] + [(b"last-event-id", cursor)]


@pytest.fixture(autouse=True)
def finite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams that end as soon as nothing more is there: the client in this process hears no others."""
    monkeypatch.setattr(http, "STREAM_SECONDS", 0.0)


async def test_no_cursor_breaks_a_stream_of_the_alerts(world: World) -> None:
    await world.birth()
    for cursor in CURSORS:
        answer = await world.http.get("/v1/feed/stream", headers=as_bytes(world.token(), cursor))
        assert (answer.status_code, answer.text.count("event: reset")) == (200, 1), cursor[:80]


async def test_no_cursor_breaks_a_stream_of_a_department(exchange: Exchange) -> None:
    for cursor in CURSORS:
        answer = await exchange.http.get("/v1/feed/stream", headers=as_bytes(exchange.headers(), cursor))
        assert (answer.status_code, answer.text.count("event: reset")) == (200, 1), cursor[:80]
