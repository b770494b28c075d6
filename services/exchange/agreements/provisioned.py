"""Agreements from files: the beginning of their life. What was changed by call since is never overwritten by a file."""

from services.exchange.agreements import repository
from services.exchange.agreements.repository import PROVISIONING, Version
from services.exchange.agreements.told import agreement_told
from services.exchange.feeds.names import SHARING
from shared.app import Service
from shared.db import Connection, transaction
from shared.feed.values import NewEntry
from shared.sharing.agreement import Agreement
from shared.sharing.agreements import FOLDER, Agreements
from shared.sharing.provisioning import ProvisioningRefused


async def take_files(service: Service) -> None:
    """Bring what the files say into the database, once, whoever starts first and however many start at once.

    Raises ProvisioningRefused for files that protection.md refuses, alone or beside what was agreed by call.
    """
    agreements = Agreements.load(service.settings.provisioning)
    async with service.pool.acquire() as connection:
        if not await news(connection, agreements):
            return
    async with transaction(service.pool) as connection:
        await repository.lock(connection)
        entries = [await take(connection, *each) for each in await news(connection, agreements)]
        await service.feeds.append(connection, SHARING, entries)


async def news(connection: Connection, agreements: Agreements) -> list[tuple[Agreement, Version | None]]:
    """What the files say that is new: each agreement, with the version it replaces."""
    touched = await repository.touched(connection)
    stored = {version.identifier: version for version in await repository.versions(connection)}
    found: list[tuple[Agreement, Version | None]] = []
    for agreement in agreements:
        before = stored.get(agreement.identifier)
        if before is not None and (agreement.identifier in touched or same(agreement, before)):
            continue
        if before is not None:
            refuse_other(agreement, Agreement.model_validate_json(before.document))
        found.append((agreement, before))
    return found


def same(agreement: Agreement, stored: Version) -> bool:
    """Whether a file says what is stored."""
    return Agreement.model_validate_json(stored.document) == agreement


def refuse_other(agreement: Agreement, before: Agreement) -> None:
    """An identifier keeps receiver, purpose and scope for ever: what was told under it is read by them."""
    for name in ("department", "purpose", "scope"):
        if getattr(agreement, name) != getattr(before, name):
            fault = f"{name} of {agreement.identifier} differs from what was agreed: name another agreement"
            raise ProvisioningRefused(FOLDER, [("", fault)])


async def take(connection: Connection, agreement: Agreement, before: Version | None) -> NewEntry:
    """Store a version that is in force as its file says, both approvals being the file's; the entry that tells it."""
    document = agreement.model_dump_json()
    number = 1
    if before is not None:
        number = before.version + 1
        await repository.stand(connection, before.identifier, before.version, "replaced")
        await repository.step(connection, before.identifier, before.version, "replaced", PROVISIONING)
    version = Version(agreement.identifier, number, agreement.department, "in-force", True, document)
    await repository.insert(connection, version)
    entry_id = await repository.step(connection, agreement.identifier, number, "in-force", PROVISIONING)
    return agreement_told(entry_id, agreement.identifier, "in-force", document)
