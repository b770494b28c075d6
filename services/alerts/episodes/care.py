"""What the use cases of care share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from services.alerts.episodes.consents import Consents
from services.alerts.episodes.vault import Vault
from services.alerts.facilities.duty import Facilities
from services.alerts.schedules.selection import Catalogue
from shared.crypto.keyring import KeyRing
from shared.db import Pool
from shared.feed.log import FeedLog


@dataclass(frozen=True)
class Care:
    """Database, keys, feeds, the schedules and texts there are, the date in Asia/Shanghai, and who serves what."""

    pool: Pool
    ring: KeyRing
    feeds: FeedLog
    vault: Vault
    catalogue: Catalogue
    consents: Consents
    today: Callable[[], date]
    facilities: Facilities

    def serves(self, facility: str) -> list[str]:
        """The prefixes of the areas that a facility serves today."""
        return [prefix for prefix, code in self.facilities.served(self.today()).items() if code == facility]
