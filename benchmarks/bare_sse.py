"""The barest Server-Sent Events: every POST goes to everybody who listens. `uvicorn benchmarks.bare_sse:app`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

listening: set[asyncio.Queue[bytes]] = set()


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """GET listens, POST tells."""
    if scope["type"] != "http":
        return
    if scope["method"] == "POST":
        body = (await receive())["body"]
        for each in listening:
            each.put_nowait(body)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    listening.add(queue)
    head = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
    try:
        while True:
            body = await queue.get()
            await send({"type": "http.response.body", "body": body, "more_body": True})
    finally:
        listening.discard(queue)
