"""A clerk's desk over a registry under test."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, receipt_of

Json = dict[str, Any]
REVIEWERS, REVIEWING = "public-security", "identity-review"


@dataclass
class Desk:
    """Clerks of the department that registers identity, and the registry they decide in."""

    registry: RegistryWorld
    api: LookUpWorld

    def headers(self, subject: str = "clerk-1", role: str = "clerk", **other: str | None) -> dict[str, str]:
        """A clerk's token, unless said otherwise."""
        asked: dict[str, Any] = {"department": REVIEWERS, "purpose": REVIEWING, **other}
        token = self.api.issuer.issue(subject=subject, roles=(role,), **asked)
        return {"authorization": f"Bearer {token}"}

    async def get(self, path: str, **who: Any) -> httpx.Response:
        """GET as a clerk."""
        return await self.api.http.get(path, headers=self.headers(**who))

    async def post(self, path: str, body: Json, **who: Any) -> httpx.Response:
        """POST as a clerk."""
        return await self.api.http.post(path, json=body, headers=self.headers(**who))

    async def reviews(self, kind: str | None = None, standing: str = "open") -> list[Json]:
        """What waits."""
        answer = await self.get(f"/v1/reviews?standing={standing}&limit=200" + (f"&kind={kind}" if kind else ""))
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["reviews"]
        return found

    async def shown(self, review: str) -> Json:
        """A review with everyone in question."""
        answer = await self.get(f"/v1/reviews/{review}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def of(self, event: CloudEvent) -> Json:
        """The open review of a held event."""
        found = await self.registry.service.pool.fetchval(
            "SELECT review_id FROM review WHERE receipt = $1 AND standing = 'open'", receipt_of(event)
        )
        return await self.shown(str(found))

    async def decide(
        self, review: Json, decision: str, *, status: int = 200, who: Json | None = None, **more: Any
    ) -> Json:
        """Decide on a review as it was shown."""
        body = {"decision": decision, "reason": "seen on paper", "version": review["version"], **more}
        answer = await self.post(f"/v1/reviews/{review['review']}/decision", body, **(who or {}))
        assert answer.status_code == status, answer.text
        said: Json = answer.json()
        return said

    async def link(self, event: CloudEvent, name: str) -> None:
        """Decide that a held event's only record in question is the candidate's of that name."""
        review = await self.of(event)
        (question,) = review["questions"]
        (reference,) = [each["reference"] for each in review["candidates"] if each["name"] == name]
        await self.decide(review, "link", to={question["about"]: reference})

    async def separate(self, event: CloudEvent) -> None:
        """Decide that a held event's records in question are new people."""
        await self.decide(await self.of(event), "separate")
