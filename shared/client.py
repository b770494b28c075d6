"""The one HTTP client module: how services, the CLI and the demo speak to Tenfold."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from shared.feed.follow import FeedPage, OtherSideAway, Reset

PAGE: msgspec.json.Decoder[FeedPage] = msgspec.json.Decoder(FeedPage)


class Refused(Exception):
    """A call was answered with a problem; carries the status and the problem's members."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('type', '')}")
        self.status, self.problem = status, problem


class Client:
    """A client of one service, with one token. Use as an async context manager."""

    def __init__(self, url: str, token: str, *, timeout: float = 40.0) -> None:
        self.http = httpx.AsyncClient(
            base_url=url,
            headers={"authorization": f"Bearer {token}"},
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
    """The JSON of a 2xx answer. Raises Refused for any other."""
    if answer.is_success:
        return answer.json()
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    raise Refused(answer.status_code, problem)
