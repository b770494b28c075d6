"""What the registry answers the reconciler, as the exchange reads it. Pure."""

from uuid import UUID

import msgspec


class Known(msgspec.Struct, frozen=True):
    """What the registry has of a receipt; `roles`: of the facts of an applied event."""

    status: str
    roles: list[str]


class Standing(msgspec.Struct, frozen=True):
    """In one snapshot of the registry: how far it follows the journal and `sharing`, the head of its changes,
    known receipts."""

    followed: dict[str, tuple[UUID | None, int]]
    sharing: tuple[UUID | None, int]
    changes: tuple[UUID, int]
    known: dict[UUID, Known]


def standing_of(answer: object) -> Standing:
    """Read an answer."""
    return msgspec.convert(answer, Standing)
