"""Channels of a facility under test: secret addresses as readers of feeds see them, and webhooks with a receiver."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from icalendar import Calendar

from services.alerts.digests.handlers import Digests
from services.alerts.webhooks.telling import deliveries
from shared.client import Sender
from shared.clock import SHANGHAI
from shared.deliveries.worker import DeliveryWorker
from tests.alerts_world import LIUQUAN
from tests.care_world import CareWorld, Json
from tests.webhooks_world import FAST, working

SUPERVISOR: dict[str, Any] = {"subject": "head", "roles": ["supervisor"]}


@dataclass
class Channels:
    """The hands of workers and supervisors, and of whoever holds an address."""

    cared: CareWorld
    sender: Sender = field(default_factory=lambda: Sender(internal=True))

    async def address(self, kind: str, facility: str = LIUQUAN, **more: Any) -> Json:
        """Make a secret address; what its worker is shown this once."""
        body = {"kind": kind} | more
        answer = await self.cared.call("POST", "/v1/channels/addresses", body, facility=facility)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def digest(self, days: int = 0, hour: int = 8) -> int:
        """The worker looks at the hour, so many days after today; how many digests it made."""
        at = datetime.combine(self.cared.today + timedelta(days=days), time(hour), SHANGHAI)
        return await Digests(self.cared.world.alerts, 7, lambda: at).make_due()

    async def pull(self, url: str) -> httpx.Response:
        """Read it as any reader does: with nothing but the address."""
        return await self.cared.world.http.get(urlsplit(url).path)

    async def calendar(self, url: str) -> dict[str, Any]:
        """The events of a calendar by their UID."""
        answer = await self.pull(url)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        parsed: Any = Calendar.from_ical(answer.content)
        assert not parsed.errors
        return {str(event["UID"]): event for event in parsed.events}

    async def hooks(self, method: str, path: str, body: Json | None = None, **claims: Any) -> httpx.Response:
        """Call a route of webhooks as a supervisor of Liuquan."""
        route = f"/v1/channels/webhooks/{path}".rstrip("/")
        return await self.cared.call(method, route, body, **(SUPERVISOR | claims))

    async def hook(self, url: str, name: str = "clinic", **more: Any) -> str:
        """Make a webhook; its secret."""
        answer = await self.hooks("PUT", name, {"url": url} | more)
        assert answer.status_code == 201, answer.text
        secret: str = answer.json()["secret"]
        return secret

    async def sent(self, name: str = "clinic") -> list[Json]:
        """All deliveries, with their attempts."""
        answer = await self.hooks("GET", f"{name}/deliveries")
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["deliveries"]
        return found

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """A worker that sends."""
        work = deliveries(self.cared.world.alerts, self.sender, retries=FAST, patience=timedelta(seconds=30))
        async with working(DeliveryWorker(work, timedelta(seconds=30), look=0.05)):
            yield
