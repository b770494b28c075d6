"""GET /metrics on a port of its own, for whoever watches over the machine: never on the port that departments reach."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from shared.db import AWAY

LARGEST: Final = 16_384  # bytes of a request
PATIENCE: Final = 5.0  # seconds for it to come, and for the figures to be found
ANSWER: Final = b"HTTP/1.1 %s\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
PLAIN: Final = b"text/plain; charset=utf-8"

Refresh = Callable[[], Awaitable[None]]

log = structlog.get_logger()


async def nothing() -> None:
    """Figures that are always up to date."""


@asynccontextmanager
async def serving(host: str, port: int, registry: CollectorRegistry, refresh: Refresh = nothing) -> AsyncIterator[int]:
    """Answer while the block runs; gives the port, 0 where there is none. `port` 0: not at all.

    A port that is taken is said in the log and stops nothing: a service is not worth less for not being watched.
    """
    if port == 0:
        yield 0
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                asked = await reader.readuntil(b"\r\n\r\n")
                writer.write(await said(asked, registry, refresh))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as trouble:
            log.info("metrics_not_answered", trouble=type(trouble).__name__)
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(answer, host, port, limit=LARGEST)
    except OSError as trouble:
        log.error("metrics_not_served", port=port, trouble=type(trouble).__name__)
        yield 0
        return
    async with server:
        yield server.sockets[0].getsockname()[1]


async def said(asked: bytes, registry: CollectorRegistry, refresh: Refresh) -> bytes:
    """The answer to a request."""
    method, _, rest = asked.partition(b" ")
    if method != b"GET" or rest.partition(b" ")[0].partition(b"?")[0] != b"/metrics":
        return ANSWER % (b"404 Not Found", PLAIN, 0, b"")
    try:
        await refresh()
    except AWAY as trouble:
        log.warning("metrics_wait", trouble=type(trouble).__name__)
        return ANSWER % (b"503 Service Unavailable", PLAIN, 0, b"")
    body = generate_latest(registry)
    return ANSWER % (b"200 OK", CONTENT_TYPE_LATEST.encode(), len(body), body)
