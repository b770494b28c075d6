"""The agreements as the exchange told them: nothing is agreed until it was told."""

from datetime import datetime

import structlog

from services.registry.retelling.repository import ask
from services.registry.sharing import repository
from services.registry.sharing.entries import AgreementTold
from shared.db import Connection, Pool, transaction
from shared.sharing.agreement import Agreement, agreement_of
from shared.sharing.agreements import Agreements
from shared.sharing.authorities import Authorities

log = structlog.get_logger()


async def take(connection: Connection, told: AgreementTold, at: datetime) -> None:
    """Store what an entry of that recorded time tells; the newest of an identifier counts. Where an agreement comes
    into force, again or with other fields, its receiver is to be told its people once more.

    Raises ValidationError for an agreement that protection.md refuses: the entry is parked, and nothing is granted.
    """
    agreement = Agreement.model_validate(told.agreement)
    news, known = await repository.tell(connection, agreement.identifier, told.status, agreement.model_dump_json(), at)
    if news and told.status == "in-force":
        everyone = agreement.scope == "everyone"
        begins = agreement.valid_from
        await ask(connection, agreement.identifier, agreement.department, begins, everyone=everyone, again=known)


async def settle(pool: Pool) -> None:
    """All of `sharing` was read. Where it began anew, as in an exchange restored from a backup, agreements stand as it
    says now; one that it does not know has ended, with its cases."""
    async with transaction(pool) as connection:
        if changed := await repository.settle(connection):
            log.warning("agreements_unknown_to_exchange", agreements=sorted(changed))


class AgreementsAsTold:
    """The source of agreements for look-ups; read again only when something was told since."""

    def __init__(self, authorities: Authorities) -> None:
        self.authorities = authorities
        self.known: tuple[int | None, Agreements] = (None, Agreements([], authorities))

    async def current(self, connection: Connection) -> Agreements:
        """The agreements that stand, none before any was told. Raises AgreementRefused where they may not together."""
        number = await repository.newest(connection)
        if number != self.known[0]:
            found = [agreement_of(row["document"]) for row in await repository.in_force(connection)]
            self.known = (number, Agreements(found, self.authorities))
        return self.known[1]
