"""Corrections under test: people and departments who ask, and the authority that decides."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.audit_world import AuditWorld, Json
from tests.registry_world import PURPOSE, CloudEvent

SECURITY, HEALTH, CIVIL = "public-security", "health", "civil-affairs"


@dataclass
class CorrectionDesk:
    """Askers and deciders of one registry."""

    world: AuditWorld

    def clerk(self, department: str, subject: str = "asker", purpose: str | None = None, **more: Any) -> str:
        """An official who looks people up; with `purpose` for another one."""
        return self.world.clerk(department, subject, purpose or PURPOSE.get(department, "service-delivery"), **more)

    def decider(self, department: str = SECURITY, subject: str = "decider") -> str:
        """An official who decides about corrections."""
        return self.world.clerk(department, subject, "correction")

    async def call(self, method: str, path: str, token: str, body: Json | None = None, **query: Any) -> httpx.Response:
        """One request."""
        return await self.world.call(method, path, token, body, **query)

    async def ask(
        self, department: str, event: CloudEvent, status: int = 201, role: str = "person", **body: Any
    ) -> str:
        """A department asks about whom an event mentions; gives the request."""
        reference = await self.world.registry.reference(department, event, role)
        asked = {"reference": reference, "reason": "seen on paper", **body}
        answer = await self.call("POST", "/v1/corrections", self.clerk(department), asked)
        assert answer.status_code == status, answer.text
        return str(answer.json().get("correction"))

    async def ask_own(self, token: str, status: int = 201, **body: Any) -> str:
        """A person asks about themselves; gives the request."""
        answer = await self.call("POST", "/v1/me/corrections", token, {"reason": "I know better", **body})
        assert answer.status_code == status, answer.text
        return str(answer.json().get("correction"))

    async def decide(
        self, request: str, decision: str, token: str | None = None, *, status: int = 200, **body: Any
    ) -> Json:
        """Decide as the authority, unless another token is given."""
        said = {"decision": decision, "reason": "the papers say so", **body}
        path = f"/v1/corrections/{request}/decision"
        answer = await self.call("POST", path, token or self.decider(), said)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def annul(self, request: str, token: str | None = None, *, status: int = 200) -> Json:
        """Take an approval back."""
        path = f"/v1/corrections/{request}/annulment"
        answer = await self.call("POST", path, token or self.decider(), {"reason": "the papers were forged"})
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def shown(self, request: str, token: str | None = None) -> Json:
        """One request."""
        return await self.world.get(f"/v1/corrections/{request}", token or self.decider())

    async def listed(self, token: str, **query: Any) -> list[str]:
        """The requests that are listed."""
        found = await self.world.get("/v1/corrections", token, **query)
        return [each["correction"] for each in found["corrections"]]
