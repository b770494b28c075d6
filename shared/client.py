"""The one HTTP client module: how services, the CLI and the demo speak to Tenfold, and how webhooks leave it."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self

import httpx
import msgspec
import structlog

from shared.addresses import NOTHING, Allowed, may_be_called
from shared.feed.follow import FeedPage, OtherSideAway, Reset
from shared.settings import Settings

log = structlog.get_logger()
PAGE: msgspec.json.Decoder[FeedPage] = msgspec.json.Decoder(FeedPage)


class Refused(Exception):
    """A call was answered with a problem; carries the status, the problem's members, and in how many seconds it may be
    asked again, where the answer says so."""

    def __init__(self, status: int, problem: dict[str, Any], retry_after: float | None = None) -> None:
        super().__init__(f"{status} {problem.get('type', '')}")
        self.status, self.problem, self.retry_after = status, problem, retry_after


class Bearer(httpx.Auth):
    """Shows the token that is valid now: a follower runs for months, and tokens do not."""

    def __init__(self, token: str | Callable[[], str]) -> None:
        self.token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the token on a request."""
        token = self.token if isinstance(self.token, str) else self.token()
        request.headers["authorization"] = f"Bearer {token}"
        yield request


class Client:
    """A client of one service. `token`: one that outlives the client, or where to get the present one. Use as an async
    context manager."""

    def __init__(self, url: str, token: str | Callable[[], str], *, timeout: float = 40.0) -> None:
        self.http = httpx.AsyncClient(
            base_url=url,
            auth=Bearer(token),
            timeout=timeout,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=100),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def fetch(self, feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        """A page of an internal feed (see shared.feed.follow.Fetch). Raises Reset or OtherSideAway."""
        query: dict[str, str | int | float] = {"partition": partition, "limit": limit, "wait": wait}
        try:
            return await self.page(f"/v1/feeds/{feed}", query | ({"after": after} if after else {}))
        except (httpx.HTTPError, msgspec.DecodeError) as trouble:
            if isinstance(trouble, httpx.HTTPStatusError) and trouble.response.status_code in (401, 403):
                log.error("feed_refused", feed=feed, status=trouble.response.status_code)  # waiting does not help
            raise OtherSideAway(type(trouble).__name__) from trouble

    async def page(self, path: str, query: dict[str, str | int | float]) -> FeedPage:
        """A page of any feed. Raises Reset, or httpx.HTTPError."""
        answer = await self.http.get(path, params=query)
        if answer.status_code == httpx.codes.CONFLICT:
            raise Reset
        answer.raise_for_status()
        return PAGE.decode(answer.content)

    async def get(self, path: str, **query: str | int) -> Any:
        """GET JSON. Raises Refused."""
        return judged(await self.http.get(path, params=query))

    async def post(self, path: str, body: Any = None) -> Any:
        """POST JSON. Raises Refused."""
        return judged(await self.http.post(path, json=body))

    async def ask(self, path: str, body: Any) -> Any:
        """POST JSON to another of Tenfold's services. Raises OtherSideAway, whatever is the matter."""
        try:
            return await self.post(path, body)
        except (httpx.HTTPError, Refused) as trouble:
            if isinstance(trouble, Refused) and trouble.status in (401, 403, 422):
                log.error("question_refused", path=path, status=trouble.status)  # waiting does not help
            raise OtherSideAway(type(trouble).__name__) from trouble

    async def report(self, cloud_event: dict[str, Any]) -> Any:
        """Report one event, in structured mode. Raises Refused."""
        return judged(
            await self.http.post(
                "/v1/events",
                content=msgspec.json.encode(cloud_event),
                headers={"content-type": "application/cloudevents+json"},
            )
        )

    async def report_batch(self, cloud_events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Report up to 1,000 events at once; one result each, in order. Raises Refused for the batch as such."""
        answer = judged(
            await self.http.post(
                "/v1/events",
                content=msgspec.json.encode(cloud_events),
                headers={"content-type": "application/cloudevents-batch+json"},
            )
        )
        results: list[dict[str, Any]] = answer["results"]
        return results


def judged(answer: httpx.Response) -> Any:
    """The JSON of a 2xx answer. Raises Refused for any other, and for a page that something in between made up."""
    if answer.is_success:
        try:
            return answer.json()
        except ValueError:
            raise Refused(httpx.codes.BAD_GATEWAY, {}) from None
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    after = answer.headers.get("retry-after", "")
    raise Refused(answer.status_code, problem, float(after) if after.isdecimal() and len(after) < 8 else None)


CONNECT_SECONDS, DELIVER_SECONDS = 5.0, 20.0
MOST_ANSWER, ANSWER_SECONDS = 64 * 1024, 2.0  # of an answer's body no more is ever read, nor waited for

# Threads of their own: a name server that does not answer holds up nobody else's work in the default ones.
RESOLVING = ThreadPoolExecutor(64, thread_name_prefix="resolve")


Why = Literal["address-refused", "unresolved", "unreachable", "timeout"]


class NotDelivered(Exception):
    """Nobody answered; `why` never quotes the address."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


@dataclass(frozen=True)
class Answer:
    """What a receiver said; any status, redirects too. `body` holds its first 64 KiB."""

    status: int
    retry_after: str | None
    body: bytes


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, in the resolver's order. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(RESOLVING, socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True)
class Sender:
    """Posts to addresses that others named, and therefore only to public ones (server-side request forgery).

    The name is resolved once, every address of it is judged, and the connection goes to one that was judged: a name
    that changes its mind in between changes nothing. The certificate is still checked against the name. Each message
    has a connection of its own, so no receiver waits for another one's, or gets it. `internal` is for development:
    this machine may be called, and without TLS. `allowed`: what the operator lists besides, but never the machines of
    our `own` hosts.
    """

    internal: bool = False
    allowed: Allowed = NOTHING
    own: tuple[str, ...] = ()
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    resolve: Callable[[str, int], Awaitable[list[str]]] = resolve
    connect_seconds: float = CONNECT_SECONDS
    seconds: float = DELIVER_SECONDS

    async def deliver(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post a message and read the answer. Raises NotDelivered where there is none in time."""
        try:
            async with asyncio.timeout(self.seconds):
                target = httpx.URL(url)
                addresses = await self.addresses(target)
                for address in addresses[:-1]:
                    try:
                        return await self.post(target, address, headers, body)
                    except (httpx.ConnectError, httpx.ConnectTimeout):
                        continue
                return await self.post(target, addresses[-1], headers, body)
        except (TimeoutError, httpx.TimeoutException):
            raise NotDelivered("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise NotDelivered("unreachable") from None

    async def addresses(self, target: httpx.URL) -> list[str]:
        """Where the name leads, at most three; refused as a whole when any of it is not public."""
        if target.scheme != "https" and not (self.internal and target.scheme == "http"):
            raise NotDelivered("address-refused")
        port = target.port or (443 if target.scheme == "https" else 80)
        try:
            async with asyncio.timeout(self.connect_seconds):
                found = await self.resolve(target.raw_host.decode("ascii"), port)
        except TimeoutError:
            raise
        except (OSError, UnicodeError):
            raise NotDelivered("unresolved") from None
        if not found:
            raise NotDelivered("unresolved")
        if not all(may_be_called(address, loopback=self.internal) for address in found):
            own, host = await self.own_addresses() if self.allowed != NOTHING else [], target.host
            may = partial(may_be_called, loopback=self.internal, allowed=self.allowed, host=host, own=own)
            if not all(may(address) for address in found):
                raise NotDelivered("address-refused")
        return found[:3]

    async def own_addresses(self) -> list[str]:
        """Where the platform's own hosts are now. One that is not known anywhere has none; if nobody can tell, nothing
        is sent."""
        found: list[str] = []
        try:
            async with asyncio.timeout(self.connect_seconds):
                for host in self.own:
                    try:
                        found += await self.resolve(host, 0)
                    except socket.gaierror as trouble:
                        if trouble.errno != socket.EAI_NONAME:
                            raise
        except (OSError, UnicodeError):
            raise NotDelivered("unresolved") from None
        return found

    async def post(self, target: httpx.URL, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post to one address under the name. Raises httpx.HTTPError."""
        timeout = httpx.Timeout(self.seconds, connect=self.connect_seconds)
        # Neither proxies nor cookies nor .netrc of this machine; a client of its own, so a connection of its own.
        async with httpx.AsyncClient(verify=self.tls, timeout=timeout, trust_env=False, follow_redirects=False) as http:
            request = http.build_request(
                "POST",
                target.copy_with(host=address),
                headers={**headers, "host": target.netloc.decode("ascii"), "accept-encoding": "identity"},
                content=body,
                extensions={"sni_hostname": target.raw_host.decode("ascii")},
            )
            answer = await http.send(request, stream=True)
            try:
                return Answer(answer.status_code, answer.headers.get("retry-after"), await beginning(answer))
            finally:
                await answer.aclose()


async def beginning(answer: httpx.Response) -> bytes:
    """The first 64 KiB as they came, not unpacked. The status has been said: a body that breaks off changes nothing."""
    read = bytearray()
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(ANSWER_SECONDS):
            async for part in answer.aiter_raw():
                read += part
                if len(read) >= MOST_ANSWER:
                    break
    return bytes(read[:MOST_ANSWER])


def sender_for(settings: Settings) -> Sender:
    """The way out that a process's settings allow."""
    internal, allowed = settings.environment == "development", Allowed.parse(settings.webhook_allowed)
    return Sender(internal=internal, allowed=allowed, own=settings.own_hosts)
