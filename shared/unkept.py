"""What a service answers in JSON is kept by nobody on the way, unless a route says otherwise."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT: Final = ("/v1/statistics", "/schemas", "/asyncapi.json", "/openapi.json", "/docs", "/redoc", "/static")
"""Where answers say themselves how long they hold, or are the public contract: below these paths nothing is added."""


class UnkeptAnswers:
    """Adds `Cache-Control: no-store` to JSON that has no Cache-Control: a browser or a proxy would keep people."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the head of the answer."""
        if scope["type"] != "http" or under(scope["path"]):
            await self.app(scope, receive, send)
            return

        async def unkept(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                said = {name.lower(): value for name, value in headers}
                if b"cache-control" not in said and b"json" in said.get(b"content-type", b""):
                    message["headers"] = [*headers, (b"cache-control", b"no-store")]
            await send(message)

        await self.app(scope, receive, unkept)


def under(path: str) -> bool:
    """Whether an address is one of the kept ones, or below it."""
    return any(path == each or path.startswith(each + "/") for each in KEPT)
