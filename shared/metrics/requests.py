"""Requests counted by route and status. A route's template is a label, never an address: nothing about a caller."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOWHERE: Final = "none"  # no route matched: what was asked for is a caller's own words
ABORTED: Final = "none"  # no answer had begun when the caller went away


class CountedRequests:
    """Counts every request of an application when it has ended."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self.app = app
        self.counter = Counter(
            "tenfold_requests", "Requests by route and status.", ("method", "route", "status"), registry=registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, and look at what was answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = ABORTED

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            route: str = getattr(scope.get("route"), "path", NOWHERE)
            self.counter.labels(method, route, status).inc()
