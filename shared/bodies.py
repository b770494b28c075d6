"""No request body beyond a limit is ever held: the framework parses bodies before it asks who is calling."""

from collections.abc import Container

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 9 * 1024 * 1024  # bytes; above the exchange's own limit for a batch, which answers with its own words


class LimitedBodies:
    """Ends a request with 413 as soon as more of its body has come than `largest` bytes, whatever its header claims.

    `streamed`: paths whose routes know the caller before they read, take the body in pieces and have their own limit.
    """

    def __init__(self, app: ASGIApp, largest: int = LARGEST, streamed: Container[str] = ()) -> None:
        self.app, self.largest, self.streamed = app, largest, streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received."""
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.largest:
                raise HTTPException(413)
            return message

        limited = scope["type"] == "http" and scope["path"] not in self.streamed
        await self.app(scope, counted if limited else receive, send)
