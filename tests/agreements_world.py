"""Hands on agreements: the calls a department's reviewer and a protection officer make."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.exchange_world import Exchange

Json = dict[str, Any]
URL = "/v1/agreements"
OFFICER = None
BASIS = {
    "law": {"zh": "公共租赁住房管理办法", "en": "Measures for the Administration of Public Rental Housing"},
    "article": {"zh": "第九条", "en": "Article 9"},
    "text": {"zh": "对申请人提交的申请材料进行审核。", "en": "What applicants submit is checked."},
}


def document(department: str = "housing", /, **changes: object) -> Json:
    """An agreement as it is proposed: what a department of public rental housing would ask for."""
    giving = sorted({"public-security", "health"} - {department})
    return {
        "identifier": f"{department}-example",
        "department": department,
        "purpose": "audit",
        "legal_basis": [BASIS],
        "fields": ["name", "birth_date"],
        "scope": "own_people",
        "valid_from": "2026-01-01",
        "valid_until": "2028-12-31",
        "approved_by": {"giving": giving, "receiving": department},
        **changes,
    }


@dataclass
class Hands:
    """Callers of one exchange."""

    exchange: Exchange

    def headers(self, department: str | None, **more: str) -> dict[str, str]:
        """A reviewer of the department; None: a protection officer."""
        role = "protection-officer" if department is None else "reviewer"
        return self.exchange.headers(department, roles=[role], **more)

    async def get(self, identifier: str, department: str | None = OFFICER) -> httpx.Response:
        """One agreement."""
        return await self.exchange.http.get(f"{URL}/{identifier}", headers=self.headers(department))

    async def post(self, path: str, body: Json, department: str | None = OFFICER, **headers: str) -> httpx.Response:
        """Any of the calls that change something."""
        address = f"{URL}/{path}" if path else URL
        return await self.exchange.http.post(address, json=body, headers=self.headers(department, **headers))

    async def propose(self, body: Json, department: str | None = None) -> Json:
        """Propose, by the receiver unless another department is named."""
        answer = await self.post("", body, department or body["department"])
        assert answer.status_code == 201, answer.text
        found: Json = answer.json()
        return found

    async def approve(self, identifier: str, *departments: str, version: int = 1) -> Json:
        """Sign for these departments, one after the other."""
        found: Json = {}
        for department in departments:
            answer = await self.post(f"{identifier}/approval", {"version": version}, department)
            assert answer.status_code == 200, answer.text
            found = answer.json()
        return found

    async def agree(self, body: Json, version: int = 1) -> Json:
        """Propose, and let all sign."""
        await self.propose(body)
        by = body["approved_by"]
        return await self.approve(body["identifier"], *by["giving"], by["receiving"], version=version)

    async def does(self, what: str, identifier: str, department: str | None = OFFICER) -> Json:
        """Suspend, resume or end, and say why."""
        answer = await self.post(f"{identifier}/{what}", {"reason": "因年度审查"}, department)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def standing(self, identifier: str) -> list[str]:
        """How each version stands, oldest first."""
        return [each["standing"] for each in (await self.get(identifier)).json()["versions"]]
