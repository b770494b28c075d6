"""The running reconcilers of all three services over a line without a network."""

from dataclasses import dataclass

from shared.reconciliation import repository
from shared.reconciliation.kinds import Finding
from shared.reconciliation.running import Reconciler
from tests.departments_world import Line


@dataclass
class Reconcilers:
    """The reconcilers, and what they find."""

    line: Line
    exchange: Reconciler
    registry: Reconciler
    alerts: Reconciler

    def of(self, service: str) -> Reconciler:
        """The reconciler of a service."""
        return {"exchange": self.exchange, "registry": self.registry, "alerts": self.alerts}[service]

    async def found(self) -> set[Finding]:
        """One round of everything; the open findings of all services."""
        found: set[Finding] = set()
        for reconciler in (self.exchange, self.registry, self.alerts):
            await reconciler.once()
            async with reconciler.pool.acquire() as connection:
                rows = await repository.listed(connection, False, Finding("", ""), 10_000)
            found |= {Finding(str(row["kind"]), str(row["place"])) for row in rows}
        return found
