"""Use cases of secret addresses: make, list, rotate and revoke one, and read what stands there."""

import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.alerts.addresses import documents, repository
from services.alerts.addresses.repository import Address
from services.alerts.addresses.rules import Kind, Language, fingerprint, following
from services.alerts.counts import repository as counts
from services.alerts.state import Alerts
from shared import clock
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import Connection, transaction
from shared.errors import Conflict, NotFound, Text

MOST: Final = 10  # addresses of one worker that hold
AHEAD: Final = timedelta(days=60)  # so far a calendar looks
ITEMS: Final = 30  # digests that a feed shows
BASIS: Final = "secret-address"
COUNTED: Final = ("counts",)

FULL = Text("You have 10 addresses; revoke one first.", "您已有 10 个地址，请先撤销一个。")


async def make(alerts: Alerts, caller: Caller, kind: Kind, language: Language) -> tuple[Address, str]:
    """A new address of the caller, with its secret, which is kept nowhere. Raises Conflict where there are too many."""
    secret, facility = secrets.token_urlsafe(32), caller.facility or ""
    async with transaction(alerts.service.pool) as connection:
        await repository.lock(connection, facility, caller.subject)
        if (
            sum(each.revoked_at is None for each in await repository.listed(connection, facility, caller.subject))
            >= MOST
        ):
            raise Conflict(detail=FULL)
        made = await repository.insert(
            connection, facility, caller.subject, sorted(caller.roles), kind, language, print_of(secret), clock.now()
        )
    return made, secret


async def listed(alerts: Alerts, caller: Caller) -> list[Address]:
    """The caller's addresses at their facility."""
    async with alerts.service.pool.acquire() as connection:
        return await repository.listed(connection, caller.facility or "", caller.subject)


async def rotate(alerts: Alerts, caller: Caller, address_id: UUID) -> tuple[Address, str]:
    """Give an address another secret; what it was before is unknown from now on. Raises NotFound, for a revoked one
    and anybody else's too."""
    secret = secrets.token_urlsafe(32)
    async with transaction(alerts.service.pool) as connection:
        found = await repository.rotate(
            connection,
            address_id,
            caller.facility or "",
            caller.subject,
            print_of(secret),
            clock.now(),
            sorted(caller.roles),
        )
    if found is None:
        raise NotFound
    return found, secret


async def revoke(alerts: Alerts, caller: Caller, address_id: UUID) -> None:
    """End an address; again is the same. Raises NotFound for anybody else's."""
    async with transaction(alerts.service.pool) as connection:
        if not await repository.revoke(connection, address_id, caller.facility or "", caller.subject, clock.now()):
            raise NotFound


async def feed(alerts: Alerts, secret: str) -> str:
    """The JSON Feed at an address. Raises NotFound for whatever is none."""
    await admitted(alerts, secret, "feed")
    async with transaction(alerts.service.pool) as connection:
        address = await pulled(connection, secret, "feed")
        found = await repository.digests(connection, address.facility, ITEMS)
    document = documents.feed(found, alerts.service.settings.alerts_url, address.language)
    return document.model_dump_json(exclude_none=True)


async def calendar(alerts: Alerts, secret: str) -> bytes:
    """The calendar at an address. Raises NotFound for whatever is none."""
    await admitted(alerts, secret, "calendar")
    today = alerts.today()
    async with transaction(alerts.service.pool) as connection:
        address = await pulled(connection, secret, "calendar")
        now = await counts.days(connection, address.facility, today, AHEAD)
        days = following(await repository.days(connection, address.address_id), now, today, clock.now())
        await repository.show(connection, address.address_id, today, days)
    return documents.calendar_of(days, address.address_id, alerts.service.settings.alerts_url, address.language)


async def admitted(alerts: Alerts, secret: str, kind: Kind) -> None:
    """Ask whether the worker of this address would be let in now, by a credential as old as its secret.

    Raises NotFound: an unknown address, a revoked one and one whose worker left are the same to whoever holds it.
    """
    printed = fingerprint(secret)
    if printed is None:
        raise NotFound
    async with alerts.service.pool.acquire() as connection:
        address = await repository.find(connection, printed, kind)
    if address is None or alerts.facilities.get(address.facility) is None:
        raise NotFound
    (may,) = await alerts.staff.may_still([worker_of(address)])
    if not may:
        raise NotFound


async def pulled(connection: Connection, secret: str, kind: Kind) -> Address:
    """The address, locked, its pull counted and written into the access log. Raises NotFound."""
    address = await repository.pull(connection, print_of(secret), kind)
    if address is None:
        raise NotFound
    await repository.pulled(connection, address.address_id, clock.now())
    # Nobody's data is read. What is written down is whose address showed which facility's counts, and when.
    reading = Reading(f"facility:{address.facility}", COUNTED)
    await record(connection, worker_of(address), [reading], action=f"pull-{kind}", basis=BASIS)
    return address


def worker_of(address: Address) -> Caller:
    """The worker who made it, as they were then."""
    return Caller(
        address.subject,
        roles=frozenset(address.roles),
        purpose="care",
        facility=address.facility,
        issued_at=address.issued_at,
    )


def print_of(secret: str) -> bytes:
    """The fingerprint of a secret of ours."""
    printed = fingerprint(secret)
    assert printed is not None
    return printed
