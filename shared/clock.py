"""The one place that asks what time it is, so that tests can say it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The date in Asia/Shanghai: legal dates and clocks run there."""
    return now().astimezone(SHANGHAI).date()
