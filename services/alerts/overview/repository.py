"""All SQL of the overview, and what of it may be seen from outside care."""

from typing import Any

from shared.db import Connection
from shared.feed.figures import figures
from shared.reconciliation.repository import standing

# What a check came by, and in how many steps, grows with the feeds that it looks through.
OF_A_CHECK = ("name", "began_at", "ended_at")


async def overview(connection: Connection) -> dict[str, Any]:
    """The overview, in the caller's snapshot."""
    found: dict[str, Any] = await figures(connection)
    feeds = found.pop("feeds")
    checks: dict[str, Any] = await standing(connection)
    return {
        **found,
        "feeds": [],
        "incomplete": [each["feed"] for each in feeds if each["head"] != each["entries"]],
        "reconciler": checks | {"checks": [{name: each[name] for name in OF_A_CHECK} for each in checks["checks"]]},
    }
