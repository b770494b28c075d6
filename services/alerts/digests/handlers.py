"""Make the digests of a day, each exactly once, however many workers there are and however long none was."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from services.alerts.counts import repository as counts
from services.alerts.digests import repository, rules
from services.alerts.registration_help.handlers import facility_feed
from services.alerts.state import Alerts
from shared import clock
from shared.db import transaction


@dataclass(frozen=True)
class Digests:
    """`hour`: from when on a day's digest is made, in Asia/Shanghai. `now`: the present instant."""

    alerts: Alerts
    hour: int
    now: Callable[[], datetime] = clock.now

    async def make_due(self) -> int:
        """Make what is due; how many were made."""
        here = self.now().astimezone(clock.SHANGHAI)
        codes = self.alerts.facilities.codes
        async with self.alerts.service.pool.acquire() as connection:
            made = await repository.newest(connection, codes)
        due = [code for code in codes if rules.due(here, self.hour, made.get(code))]
        return sum([await self.make(code, here) for code in due])

    async def make(self, facility: str, here: datetime) -> bool:
        """One facility's digest: counted, kept and told in one transaction. False where another worker made it."""
        day, entry_id = here.date(), uuid4()
        link = f"{self.alerts.service.settings.alerts_url}/worklist"
        async with transaction(self.alerts.service.pool) as connection:
            if not await repository.claim(connection, facility, day, entry_id):
                return False
            found = await counts.now(connection, facility, day)
            await repository.counted(connection, facility, day, found)
            entry = rules.entry(entry_id, day, found, link)
            await self.alerts.service.feeds.append(connection, facility_feed(facility), [entry])
        return True
