"""What the exchange's feeds are called. Pure; workers and handlers need the names, not the routes."""

from typing import Final

# To the registry: agreements as they change, cases asked for and closed, what departments were told, retries.
SHARING: Final = "sharing"


OWN: Final = "department:"


def department_feed(department: str) -> str:
    """The name of a department's own feed."""
    return f"{OWN}{department}"


def department_of(feed: str) -> str:
    """Whose feed it is."""
    return feed.removeprefix(OWN)
