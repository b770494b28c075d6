"""The names of the keys this service's ring must hold. References are minted here only."""

from shared.auth.caller import DEPARTMENTS
from shared.crypto.references import key_name

CITIZEN = "citizen"
"""The receiver under whose name a person is the subject of their own tokens."""

OWN_KEYS = (
    "feed",
    "parked",
    "registry",
    "identity",
    "blocks",
    "audit",
    "care-index",
    "exchange-registry",
    "registry-alerts",
    "login",
    *(key_name(receiver) for receiver in sorted([*DEPARTMENTS, "alerts", CITIZEN])),
)
SHARED_KEYS: tuple[str, ...] = ()
