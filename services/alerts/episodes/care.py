"""What the use cases of care share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from services.alerts.episodes.consents import Consents
from services.alerts.episodes.vault import Vault
from services.alerts.schedules.selection import Catalogue
from shared.crypto.keyring import KeyRing
from shared.db import Pool
from shared.feed.log import FeedLog


@dataclass(frozen=True)
class Care:
    """Database, keys, feeds, the schedules and texts there are, and the date in Asia/Shanghai."""

    pool: Pool
    ring: KeyRing
    feeds: FeedLog
    vault: Vault
    catalogue: Catalogue
    consents: Consents
    today: Callable[[], date]
