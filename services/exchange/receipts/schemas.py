"""What receipts look like from outside."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.exchange.receipts.rules import Status


class Receipt(BaseModel):
    """One accepted event: accepted → applied, held (reason, who decides, due) or rejected (reason).

    `overdue`: held past its day, or accepted for so long that it should have been settled (reason `on-its-way`).
    `retried_at`: when the department last asked to have the held event looked at again. `batch`: its bulk load.
    """

    receipt: UUID
    source: str
    id: str
    type: str
    status: Status
    recorded_at: datetime
    reason: str | None
    decider: str | None
    due: date | None
    settled_at: datetime | None
    overdue: bool
    retried_at: datetime | None
    batch: str | None


class Receipts(BaseModel):
    """A page of receipts; ask on with `after=next_after` until it is null."""

    receipts: list[Receipt]
    next_after: UUID | None


class LookingAgain(BaseModel):
    """A held event that will be looked at again; what comes of it is told as `receipt.changed`, if anything does."""

    receipt: UUID
    status: Status
    retried_at: datetime
