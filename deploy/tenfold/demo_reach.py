"""How the demo speaks to Tenfold: over HTTP only, with the token of whoever it plays."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

import msgspec

from deploy.tenfold.layout import Layout
from shared.auth.issuer import Issuer
from shared.client import Client, judged
from shared.partner.partner import Partner
from shared.partner.retry import persistently

PATIENCE = 30.0  # seconds that a service may be away: the supervisor starts it again
TOKEN_LIVES = timedelta(hours=8)

Citizen = Mapping[str, object]
"""Who somebody of the county is, as the identity provider is shown it: identifier, name, birth date."""
Answer = TypeVar("Answer")
Asked = ParamSpec("Asked")


async def again(call: Callable[Asked, Awaitable[Answer]], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
    """Call until it is answered, as a department's client does, for as long as the supervisor may need to start a
    service again. Raises what stopped it last."""
    return await persistently(call, PATIENCE, *args, **kwargs)


class Reach:
    """One client for each caller the demo plays."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._issuer = Issuer.open()
        self._clients: dict[tuple[str, ...], Client] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            await client.http.aclose()

    def department(self, name: str) -> Client:
        """A department at the exchange, as reporter and follower."""
        key = ("exchange", name)
        if key not in self._clients:
            self._clients[key] = Client(self._layout.url("exchange"), self.token(name))
        return self._clients[key]

    def partner(self, name: str) -> Partner:
        """A department's own programme at the exchange, with its file in the demo's folder."""
        folder = self._layout.data / "programmes"
        folder.mkdir(mode=0o700, exist_ok=True)
        return Partner(self._layout.url("exchange"), self.token(name), folder / f"{name}.sqlite", wait=1.0)

    def token(self, department: str) -> str:
        """What a department shows as reporter and follower."""
        return self._issuer.issue(
            subject=f"demo:{department}", department=department, roles=["reporter", "follower"], ttl=TOKEN_LIVES
        )

    def care_worker(self, facility: str) -> Client:
        """A care worker of a facility at alerts, who is a supervisor there too."""
        key = ("alerts", facility)
        if key not in self._clients:
            token = self._issuer.issue(
                subject=f"demo:{facility}",
                department="health",
                roles=["care-worker", "supervisor"],
                purpose="care",
                facility=facility,
                ttl=TOKEN_LIVES,
            )
            self._clients[key] = Client(self._layout.url("alerts"), token)
        return self._clients[key]

    def registrar(self, purpose: str) -> Client:
        """Public security's clerk and reviewer at the registry, for one purpose."""
        key = ("registry", purpose)
        if key not in self._clients:
            token = self._issuer.issue(
                subject="demo:registrar",
                department="public-security",
                roles=["clerk", "reviewer"],
                purpose=purpose,
                ttl=TOKEN_LIVES,
            )
            self._clients[key] = Client(self._layout.url("registry"), token)
        return self._clients[key]

    def identity_provider(self) -> Client:
        """Where people log in, at the registry."""
        key = ("registry", "identity-provider")
        if key not in self._clients:
            token = self._issuer.issue(subject="demo:identity-provider", service="identity-provider", ttl=TOKEN_LIVES)
            self._clients[key] = Client(self._layout.url("registry"), token)
        return self._clients[key]

    def administrator(self, service: str) -> Client:
        """An administrator at a service."""
        key = ("administrator", service)
        if key not in self._clients:
            token = self._issuer.issue(subject="demo:administrator", roles=["administrator"], ttl=TOKEN_LIVES)
            self._clients[key] = Client(self._layout.url(service), token)
        return self._clients[key]


async def report_binary(client: Client, cloud_event: dict[str, Any]) -> Any:
    """Report in the binary mode of CloudEvents: attributes as `ce-` headers, `data` alone in the body."""
    attributes = {name: value for name, value in cloud_event.items() if name not in ("data", "datacontenttype")}
    headers = {"content-type": "application/json", **{f"ce-{name}": str(value) for name, value in attributes.items()}}
    body = msgspec.json.encode(cloud_event["data"])
    return judged(await client.http.post("/v1/events", content=body, headers=headers))
