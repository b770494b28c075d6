"""The agreements in force, for everything in the exchange that tells or shows people's data."""

from dataclasses import dataclass

from services.exchange.agreements import repository, rules
from shared.db import Connection
from shared.sharing.agreement import Agreement
from shared.sharing.agreements import Agreements
from shared.sharing.authorities import Authorities


@dataclass(frozen=True)
class Standing:
    """The agreements that stand now, and every version that ever stood: what was told before was told under those."""

    now: Agreements
    ever: tuple[Agreement, ...]


class CurrentAgreements:
    """One per process. Read again only when a step was taken since: otherwise one small statement."""

    def __init__(self, authorities: Authorities) -> None:
        self.authorities = authorities
        self.known: tuple[int | None, Standing] = (None, Standing(Agreements([], authorities), ()))

    async def current(self, connection: Connection) -> Agreements:
        """The agreements that stand; none before any was signed. Each still has its own first and last day."""
        return (await self.standing(connection)).now

    async def standing(self, connection: Connection) -> Standing:
        """The agreements that stand and those that ever stood."""
        number = await repository.newest(connection)
        if number != self.known[0]:
            found = await repository.versions(connection)
            stood = [(each.standing, each.agreement) for each in found if each.standing in rules.STOOD]
            now = Agreements([agreement for standing, agreement in stood if standing == "in-force"], self.authorities)
            self.known = (number, Standing(now, tuple(agreement for _, agreement in stood)))
        return self.known[1]
