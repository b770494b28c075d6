"""Hands on the registry's access log: citizens, protection officers, departments' administrators, sealer and judge."""

from dataclasses import dataclass
from typing import Any

import httpx

from services.registry.misuse.judging import Judge
from services.registry.misuse.rules import Limits
from shared.audit.seal import Sealer
from tests.histories import number
from tests.registry_world import LookUpWorld, RegistryWorld

Json = dict[str, Any]
LIMITS = Limits(people_an_hour=3, people_a_day=5, without_case_a_day=2, one_person_a_day=2)


@dataclass
class AuditWorld:
    """The registry's API and its workers of the access log."""

    registry: RegistryWorld
    lookups: LookUpWorld

    async def call(self, method: str, path: str, token: str, body: Json | None = None, **query: Any) -> httpx.Response:
        """One request."""
        headers = {"authorization": f"Bearer {token}"}
        return await self.lookups.http.request(method, path, json=body, params=query, headers=headers)

    def officer(self) -> str:
        """A protection officer's token."""
        return self.lookups.issuer.issue(subject="officer", roles=["protection-officer"], purpose="audit")

    def administrator(self, department: str, purpose: str | None = "audit") -> str:
        """The token of a department's administrator."""
        roles = ["administrator"]
        return self.lookups.issuer.issue(subject="chief", department=department, roles=roles, purpose=purpose)

    def clerk(
        self, department: str, subject: str = "official-7", purpose: str = "service-delivery", **more: Any
    ) -> str:
        """An official's token."""
        given = {"subject": subject, "department": department, "roles": ["clerk"], "purpose": purpose, **more}
        return self.lookups.issuer.issue(**given)

    async def citizen(self, sequence: int, name: str, born: str = "1990-05-17") -> str:
        """The token of somebody who has logged in."""
        provider = self.lookups.issuer.issue(subject="provider", service="identity-provider")
        shown = {"identifier": number(sequence), "name": name, "birth_date": born}
        answer = await self.call("POST", "/v1/citizens", provider, shown)
        assert answer.status_code == 200, answer.text
        return self.lookups.issuer.issue(subject=answer.json()["subject"], roles=["citizen"])

    async def get(self, path: str, token: str, **query: Any) -> Json:
        """What is answered to a GET that succeeds."""
        answer = await self.call("GET", path, token, **query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def judged(self, limits: Limits = LIMITS) -> list[tuple[str, str]]:
        """Seal, judge, and give what is flagged and not decided: (rule, official)."""
        service = self.registry.service
        sealer, judge = (
            Sealer(service.pool, service.ring, "registry"),
            Judge(service.pool, self.registry.folding.vault, limits),
        )
        while await sealer.once():
            pass
        while await judge.once():
            pass
        flags = (await self.get("/v1/flags", self.officer(), limit=200))["flags"]
        return sorted((each["rule"], each["official"]) for each in flags)
