"""The agreements as the exchange has them beside what the registry was told of them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

from services.exchange.agreements import repository as agreements_sql
from services.exchange.agreements.repository import Version
from services.exchange.agreements.rules import EFFECTIVE, STOOD
from services.exchange.feeds.names import SHARING
from shared.app import Service
from shared.client import Client
from shared.reconciliation import repository as own
from shared.reconciliation.kinds import AGREEMENT_DIFFERS, Finding
from shared.reconciliation.running import Check, InFlight, Step

ASK: Final = "/v1/reconciliation/agreements"
GRACE_SECONDS: Final = 10.0  # what is settled behind the last entry is given so much time between two looks

Standing = tuple[str, str]
"""`in-force`, `suspended` or `ended`, and SHA-256 of the document; an ended one's document says nothing any more."""


class AgreementsTold(msgspec.Struct, frozen=True):
    """In one snapshot of the registry: how far it follows `sharing`, and every agreement that it was told."""

    sharing: tuple[UUID | None, int]
    agreements: dict[str, Standing]


@dataclass(frozen=True)
class BesideAgreements:
    """A difference means that a look-up discloses what the exchange's feeds would not, or the other way round."""

    service: Service
    registry: Client
    grace: float = GRACE_SECONDS

    def check(self) -> Check:
        """As a check of the exchange's reconciler."""
        return Check("agreements", (AGREEMENT_DIFFERS,), self.look)

    async def look(self, place: str) -> AsyncIterator[Step]:
        """All in one step. What differs counts when it differs twice. Raises InFlight while the registry is behind."""
        differing = await self.differing()
        if differing:
            await asyncio.sleep(self.grace)
            differing &= await self.differing()
        yield Step("agreements", [Finding(AGREEMENT_DIFFERS, f"agreement {each}") for each in sorted(differing)])

    async def differing(self) -> set[str]:
        """The identifiers of which both do not say the same. Raises InFlight, or OtherSideAway."""
        epoch, head, wanted = await self.own()
        told = msgspec.convert(await self.registry.ask(ASK, {}), AgreementsTold)
        if told.sharing[0] != epoch or told.sharing[1] < head or (await self.own())[2] != wanted:
            raise InFlight
        return differences(wanted, told.agreements)

    async def own(self) -> tuple[UUID | None, int, dict[str, Standing]]:
        """Epoch and head of `sharing`, and what was told on it by then: in one snapshot."""
        async with (
            self.service.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            epoch, head = await own.head(connection, SHARING)
            versions = await agreements_sql.versions(connection)
        return epoch, head, as_told(versions)


def as_told(versions: Iterable[Version]) -> dict[str, Standing]:
    """How agreements stand in the words of the feed: those of which nothing ever stood were never told."""
    found: dict[str, Standing] = {}
    for version in versions:
        if version.standing in EFFECTIVE:
            document = version.agreement.model_dump_json().encode()
            found[version.identifier] = (version.standing, sha256(document).hexdigest())
        elif version.standing in STOOD:
            found.setdefault(version.identifier, ("ended", ""))
    return found


def differences(ours: Mapping[str, Standing], theirs: Mapping[str, Standing]) -> set[str]:
    """The identifiers that do not stand alike. One that ended is like one that was never known: both give nothing."""
    nothing = ("ended", "")
    told = {name: nothing if standing[0] == "ended" else standing for name, standing in theirs.items()}
    return {name for name in ours.keys() | told.keys() if ours.get(name, nothing) != told.get(name, nothing)}
