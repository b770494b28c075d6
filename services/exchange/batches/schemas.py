"""What bulk loads look like from outside."""

from datetime import datetime

from pydantic import BaseModel


class Batch(BaseModel):
    """A bulk load of corrections under the department's own id: how many of it stand where, and when they came.

    `reported` is the sum of the four others.
    """

    batch: str
    reported: int
    accepted: int
    applied: int
    held: int
    rejected: int
    first_at: datetime
    last_at: datetime
    last_settled_at: datetime | None


class Batches(BaseModel):
    """A page of bulk loads; ask on with `after=next_after` until it is null."""

    batches: list[Batch]
    next_after: str | None
