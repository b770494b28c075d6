"""Who protects whom, on which ground. Pure; the lists are closed (protection rule 12)."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

Ground = Literal["violence", "adoption", "witness"]

AUTHORITIES: Final[Mapping[Ground, str]] = {
    # Anti-Domestic Violence Law, articles 15 and 16: public security stops it, warns, and helps who fled to shelter.
    "violence": "public-security",
    # Civil Code, articles 1105 and 1110: civil affairs registers adoptions, and they are kept secret where wished.
    "adoption": "civil-affairs",
    # Criminal Procedure Law, article 64: public security, among others, protects a witness, and keeps where they live.
    "witness": "public-security",
}
"""A department that is not named here can mark nobody: it is law that protects, and no setting."""

PURPOSES: Final[Mapping[str, str]] = {
    "public-security": "service-delivery",
    "civil-affairs": "vital-registration",
}
"""For what an official of each authority is there when they protect somebody."""

UNSEEN: Final[frozenset[Ground]] = frozenset({"adoption"})
"""Grounds of which the record of the person says nothing: whoever reads a child's record for it need not know of the
adoption, and the one who adopted does."""


def may_mark(department: str, ground: Ground) -> bool:
    """Whether a department is the authority for a ground."""
    return AUTHORITIES[ground] == department


def overdue(review_by: date, today: date) -> bool:
    """Whether the authority should have looked at a protection again. It goes on all the same: that nobody looked is no
    reason to let somebody be found (protection rule 11)."""
    return today > review_by


def next_step(asked_by: str | None, official: str) -> Literal["ask", "refuse", "end"]:
    """What happens when an official wants a protection ended: it takes two of them."""
    if asked_by is None:
        return "ask"
    return "refuse" if asked_by == official else "end"


def action_of(ground: Ground) -> str:
    """What the access log calls a look at a protection. Of one that its person must not find out they do not read: any
    entry, however it is worded, would tell that there is one (services/registry/citizens/repository.py)."""
    return "protection-unseen" if ground in UNSEEN else "protection"
