"""What journal, registry and outcomes of one event say together. Pure."""

from collections.abc import Iterable

from services.exchange.reconciliation.running.registry import Known
from shared.reconciliation.kinds import FACT_LOST, NOT_TAKEN, OUTCOME_DIFFERS, OUTCOME_LOST


def judged(roles: Iterable[str], known: Known | None, status: str | None) -> str | None:
    """The kind of finding, if any. `roles`: of the people in the event; `known`: what the registry has, once it is
    past the event; `status`: the outcome, once the exchange is past what the registry then had told.

    A held event may have been settled since; one that is parked waits for someone, and says nothing more.
    """
    if known is None:
        return NOT_TAKEN
    if known.status == "parked":
        return None
    if known.status == "applied" and sorted(roles) != sorted(known.roles):
        return FACT_LOST
    if status is None:
        return OUTCOME_LOST
    settled = known.status != "held"
    return OUTCOME_DIFFERS if settled and status != known.status else None
