"""Care under test: enrolling, reading and acting as a worker of a facility, on a date that tests set."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx

from services.alerts.contacts.passing import let_days_pass
from services.alerts.episodes.care import Care
from services.alerts.episodes.ending import tell_ends
from services.alerts.episodes.looking import look
from services.alerts.episodes.restoring import sweep
from shared.crypto.blind import blind_index
from tests.alerts_world import LIUQUAN, World, person

Json = dict[str, Any]
NUMBER = "11010519491231002X"
TEXT = {"text": "care", "version": "2026-01", "language": "zh", "channel": "in-person-written"}


def consent(**more: object) -> Json:
    """What she was given, and how she answered."""
    return TEXT | more


def care_of(lmp: date, *, number: str | None = None, **more: object) -> Json:
    """What a worker sends of a woman who agreed."""
    named = [{"type": "resident-identity-number", "value": number}] if number else []
    told: Json = {
        "person": {
            "name": "王秀英",
            "identifiers": named,
            "reach": [{"how": "phone", "value": "13800000001"}],
            "avoid": ["婆婆"],
        },
        "dating": {"lmp": lmp.isoformat()},
    }
    return told | more


def enrolment(lmp: date, *, request: str | None = None, number: str | None = None, **more: object) -> Json:
    """An enrolment with a consent that is given."""
    told: Json = {"request": request or uuid4().hex, "state": "given", "consent": consent()}
    return told | {"care": care_of(lmp, number=number)} | more


@dataclass
class CareWorld:
    """An alerts service, and the hands of its workers."""

    world: World

    @property
    def care(self) -> Care:
        """What the use cases share."""
        return self.world.alerts.care

    @property
    def today(self) -> date:
        """The date it works by."""
        return self.world.today

    @property
    def lmp(self) -> date:
        """Of a woman in her ninth week today."""
        return self.today - timedelta(days=60)

    async def call(self, method: str, path: str, body: Json | None = None, **claims: object) -> httpx.Response:
        """As a nurse of Liuquan unless said otherwise."""
        facility = str(claims.pop("facility", LIUQUAN))
        return await self.world.http.request(method, path, json=body, headers=self.world.token(facility, **claims))

    async def enrolled(self, body: Json | None = None, facility: str = LIUQUAN) -> str:
        """Enrol a woman in her ninth week; the episode."""
        answer = await self.call("POST", "/v1/episodes", body or enrolment(self.lmp), facility=facility)
        assert answer.status_code == 201, answer.text
        episode: str = answer.json()["episode"]
        return episode

    async def read(self, episode: str, facility: str = LIUQUAN) -> Json:
        """The care record."""
        answer = await self.call("GET", f"/v1/episodes/{episode}", facility=facility)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def contacts(self, episode: str, *states: str) -> list[Json]:
        """Its contacts, in these states if any are named."""
        found: list[Json] = (await self.read(episode))["contacts"]
        return [each for each in found if not states or each["state"] in states]

    async def act(self, episode: str, what: str, body: Json | None = None, **claims: object) -> httpx.Response:
        """`POST /v1/episodes/{episode}/{what}`."""
        return await self.call("POST", f"/v1/episodes/{episode}/{what}", body, **claims)

    async def outcome(self, episode: str, contact: str, kind: str = "done", **more: object) -> httpx.Response:
        """What became of a contact."""
        return await self.act(episode, f"contacts/{contact}/outcome", {"kind": kind} | more)

    async def on(self, day: date) -> None:
        """The worker looks at the date."""
        self.world.today = day
        await sweep(self.care, 0)
        while await look(self.care) or await tell_ends(self.care) or await let_days_pass(self.care):
            pass

    async def registered(self, reference: str = "mother", number: str = NUMBER) -> None:
        """The registry tells whose number it is."""
        index = blind_index(self.care.ring, "care-index", "resident-identity-number", "", number)
        await self.world.tell(person(reference, indexes=[index.hex()]))

    async def told(self, facility: str = LIUQUAN) -> list[tuple[str, str]]:
        """What a facility's feed says, kind and contact or episode; withheld entries as ("withheld", "")."""
        answer = await self.world.http.get("/v1/feed?limit=1000", headers=self.world.token(facility))
        assert answer.status_code == 200, answer.text
        return [
            (told["kind"], told.get("contact") or told["episode"]) if told else ("withheld", "")
            for told in (each.get("data") for each in answer.json()["entries"])
        ]
