"""Who is calling, as the token says: closed lists and one immutable value (contracts.md, "Closed lists")."""

import re
from dataclasses import dataclass, field
from datetime import datetime

DEPARTMENTS = frozenset(
    {
        "population-family",
        "human-resources",
        "education",
        "public-security",
        "civil-affairs",
        "finance",
        "housing",
        "health",
        "market-supervision",
        "statistics",
    }
)
PURPOSES = frozenset(
    {
        "vital-registration",
        "household-registration",
        "service-delivery",
        "school-planning",
        "statistics",
        "identity-review",
        "correction",
        "audit",
        "care",
        "own-data",
    }
)
ROLES = frozenset(
    {
        "reporter",
        "follower",
        "clerk",
        "reviewer",
        "administrator",
        "protection-officer",
        "care-worker",
        "supervisor",
        "citizen",
        "service",
    }
)
IDENTITY_PROVIDER = "identity-provider"
"""Where people log in: no service of ours, it may only ask for the subject of somebody who has shown who they are."""
SERVICES = frozenset({"exchange", "registry", "alerts", IDENTITY_PROVIDER})

# Province, city, county, street, village: GB/T 2260 and its five levels of 2, 4, 6, 9 and 12 digits.
_AREA = re.compile(r"(?:[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})")
_FACILITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SUBJECT = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,254}[^\s\x00-\x1f\x7f])?")


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller. `department` and `service` exclude each other; role "service" goes with `service`.

    `issued_at`: the credential is no older than that, as far as is known; a revocation compares with it.
    Raises ValueError, naming the attribute but not its value, for anything outside the closed lists.
    """

    subject: str
    department: str | None = None
    service: str | None = None
    roles: frozenset[str] = frozenset()
    purpose: str | None = None
    areas: frozenset[str] = frozenset()
    facility: str | None = None
    issued_at: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        facts = {
            "subject": _SUBJECT.fullmatch(self.subject) is not None,
            "department": self.department is None or self.department in DEPARTMENTS,
            "service": self.service is None or (self.service in SERVICES and self.department is None),
            "roles": self.roles <= ROLES and ("service" in self.roles) == (self.service is not None),
            "purpose": self.purpose is None or self.purpose in PURPOSES,
            "areas": all(_AREA.fullmatch(area) for area in self.areas),
            "facility": self.facility is None or _FACILITY.fullmatch(self.facility) is not None,
        }
        for attribute, holds in facts.items():
            if not holds:
                raise ValueError(f"unacceptable {attribute}")
