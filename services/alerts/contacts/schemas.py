"""Bodies of care contacts, as they are sent."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.values import Day, Value


class OutcomeBody(Value):
    """What became of a contact. "done" means that it happened; that one was missed, the days say.

    `on`: the day it is about, today unless given. `refer`: she was referred there, and the result is asked after within
    14 days.
    """

    kind: Literal["done", "declined", "moved", "ended", "not-applicable"]
    on: Day | None = None
    note: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")] | None = None
    refer: Annotated[bool, Field()] = False
