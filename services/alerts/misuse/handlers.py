"""Use cases of flags, for supervisors of the facility whose worker acted; nobody is shown a flag about themselves.

Where it lists no other supervisor, those of the facility that serves the county decide, as for what women question."""

from typing import Final
from uuid import UUID

from services.alerts.keys import NAMES
from services.alerts.misuse import repository
from services.alerts.misuse.limits import load
from services.alerts.misuse.schemas import Decision, FlagsView, FlagView
from services.alerts.questions.handlers import answering
from services.alerts.state import Alerts
from shared.auth.caller import Caller
from shared.crypto.sealing import seal
from shared.db import transaction
from shared.errors import Conflict, NotFound

LIMITS: Final = load()


async def listed(alerts: Alerts, caller: Caller, after: UUID | None, limit: int, *, decided: bool) -> FlagsView:
    """Flags that wait for a decision, or those that have one."""
    async with alerts.service.pool.acquire() as connection:
        rows = await repository.flags(connection, answering(alerts, caller), after, limit, decided=decided)
    return FlagsView(
        flags=[FlagView.of(row, LIMITS, alerts.facilities) for row in rows],
        next_after=rows[-1].flag_id if len(rows) == limit else None,
    )


async def decide(alerts: Alerts, caller: Caller, flag: UUID, decided: Decision) -> None:
    """Store what a supervisor decided. Raises NotFound for a flag that the caller does not answer for, and for one
    about them; Conflict where it was decided for good."""
    sealed = seal(alerts.service.ring, NAMES, decided.reason.encode(), context(flag))
    async with transaction(alerts.service.pool) as connection:
        found = await repository.standing(connection, flag, answering(alerts, caller))
        if found is None:
            raise NotFound
        if found[0] not in (None, "seen"):
            raise Conflict
        await repository.decide(connection, flag, decided.decision, sealed, caller.subject)


def context(flag: UUID) -> bytes:
    """What a sealed reason is bound to."""
    return b"care-flag:" + flag.bytes
