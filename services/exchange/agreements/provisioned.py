"""Agreements from files: the beginning of their life. What was changed by call since is never overwritten by a file."""

from services.exchange.agreements import repository, rules
from services.exchange.agreements.repository import PROVISIONING, Version
from services.exchange.agreements.told import agreement_told
from services.exchange.feeds.names import SHARING, department_feed
from shared.app import Service
from shared.db import Connection, transaction
from shared.feed import heads
from shared.feed.values import NewEntry
from shared.sharing.agreement import Agreement
from shared.sharing.agreements import FOLDER, Agreements
from shared.sharing.authorities import Authorities
from shared.sharing.provisioning import ProvisioningRefused
from shared.sharing.refusals import AgreementRefused


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
        found = sorted(await news(connection, agreements), key=lambda each: each[0].department)  # heads are locked so
        entries = [await take(connection, *each) for each in found]
        await judge_together(connection, agreements.authorities)
        await service.feeds.append(connection, SHARING, entries)


async def judge_together(connection: Connection, authorities: Authorities) -> None:
    """Refuse files that may not stand beside what was agreed by call. Raises ProvisioningRefused."""
    stored = await repository.versions(connection)
    try:
        Agreements(
            [each.agreement for each in stored if each.standing in rules.EFFECTIVE],
            authorities,
        )
    except AgreementRefused as refused:
        raise ProvisioningRefused(FOLDER, [("", str(refused))]) from None


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
            refuse_other(agreement, before.agreement)
        found.append((agreement, before))
    return found


def same(agreement: Agreement, stored: Version) -> bool:
    """Whether a file says what is stored."""
    return stored.agreement == agreement


def refuse_other(agreement: Agreement, before: Agreement) -> None:
    """An identifier keeps receiver, purpose and scope for ever: what was told under it is read by them."""
    other = rules.other_kept(before, agreement)
    if other:
        raise ProvisioningRefused(FOLDER, [("", f"{agreement.identifier}: {rules.KEPT.en} ({', '.join(other)})")])


async def take(connection: Connection, agreement: Agreement, before: Version | None) -> NewEntry:
    """Store a version that is in force as its file says, both approvals being the file's; the entry that tells it."""
    document = agreement.model_dump_json()
    number = 1
    if before is not None:
        number = before.version + 1
        await replace(connection, agreement, before)
    version = Version(agreement.identifier, number, agreement.department, "in-force", True, document)
    await repository.insert(connection, version)
    entry_id = await repository.step(connection, agreement.identifier, number, "in-force", PROVISIONING)
    return agreement_told(entry_id, agreement.identifier, "in-force", document)


async def replace(connection: Connection, agreement: Agreement, before: Version) -> None:
    """The version before stands no more; a feed that is read otherwise now begins anew, and so does its topic."""
    stood = before.standing in rules.EFFECTIVE
    if stood:
        await repository.stand(connection, before.identifier, before.version, "replaced")
        await repository.step(connection, before.identifier, before.version, "replaced", PROVISIONING)
    if rules.read_anew(before.agreement if stood else None, agreement):
        await repository.ask_for_purge(connection, before.department)
        await heads.begin_epoch(connection, department_feed(before.department))
