"""Whether a credential lets in at a facility today. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Standing:
    """What is known of a subject at a facility today: in which roles it is listed, whether anybody ever was, and since
    when its older credentials are void."""

    roles: frozenset[str]
    anybody: bool
    revoked_at: datetime | None


def void(found: Standing, issued_at: datetime | None) -> bool:
    """Whether the credential is from before a revocation. One that does not say since when it is valid is."""
    if found.revoked_at is None:
        return False
    return issued_at is None or issued_at <= found.revoked_at


def roles_here(found: Standing, claimed: Collection[str], *, demanded: bool) -> frozenset[str]:
    """The roles that count here: claimed by the credential and listed today; none lets nobody in.

    `demanded`: where nobody was ever listed nobody gets in. Otherwise the credential alone decides there, so that
    development needs no list; the first line ends that.
    """
    if not found.anybody and not demanded:
        return frozenset(claimed)
    return found.roles & frozenset(claimed)
