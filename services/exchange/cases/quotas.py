"""How many people a department may ask about in a day. Without an end, asking would tell who there is.

The counts stand in the database, so that all processes share them, and a question is counted with its writing.
"""

import hmac
from hashlib import sha256

import structlog

from services.exchange.cases import repository as sql
from shared import clock
from shared.auth.caller import Caller
from shared.crypto.keyring import KeyRing
from shared.db import Connection
from shared.errors_text import ErrorText, declare
from shared.errors_tree import Problem
from shared.settings import Settings

log = structlog.get_logger(__name__)

declare(
    "case-quota-reached",
    ErrorText(
        429,
        "No more cases may be asked for today",
        "今日申请的业务关系已达上限",
        "`limit` says whose quota is used up: the official's or the whole department's. Who is not found counts five"
        " times. Ask again after the seconds in `Retry-After`, when the day in Asia/Shanghai is over.",
        "limit 说明已用完的是经办人还是全部门的每日限额；未查到人员的申请按五次计。"
        "请在 Retry-After 所示秒数后（次日）再申请。",
    ),
)


async def within_quotas(connection: Connection, settings: Settings, asking: sql.Asking) -> None:
    """Count one more question of a day. Raises Problem (429), with `Retry-After` in seconds until the day is over.

    A quota that is reached is an alarm for the protection officer: a warning in the log, and GET /v1/overview.
    """
    used = await sql.used(connection, asking)
    quotas = {
        "official": (used.official, settings.cases_per_official_and_day),
        "department": (used.department, settings.cases_per_department_and_day),
    }
    for of, (asked, quota) in quotas.items():
        if asked >= quota:
            log.warning("case_quota_reached", department=asking.department, of=of, per_day=quota)
            raise Problem(
                "case-quota-reached",
                headers={"Retry-After": str(clock.seconds_left_today())},
                limit={"of": of, "per_day": quota},
            )


def official_of(ring: KeyRing, caller: Caller) -> bytes:
    """Who asks, without a name: a digest under the current key, so that the table names no official."""
    _, key = ring.current("digest")
    return hmac.digest(key, f"official\n{caller.department}\n{caller.subject}".encode(), sha256)
