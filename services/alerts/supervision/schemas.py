"""Bodies of what supervisors see."""

from typing import Annotated

from pydantic import BaseModel, Field

from services.alerts.counts.repository import Counts


class CountsBody(BaseModel):
    """How many tasks there are. `today`: their time has come and is not over; `soon`: it comes within a fortnight."""

    overdue: int
    today: int
    soon: int

    @classmethod
    def of(cls, counts: Counts) -> "CountsBody":
        """Shape them."""
        return cls(overdue=counts.overdue, today=counts.today, soon=counts.soon)


class WorkerCounts(CountsBody):
    """What one worker has to do. Tasks that two share count for both."""

    worker: Annotated[str | None, Field(description="As credentials name them; null: tasks given to nobody.")]


class Supervision(BaseModel):
    """A facility's work in counts. Help that no facility sees (`without_facility`) counts for the whole city."""

    facility: str
    tasks: CountsBody
    missed: Annotated[int, Field(description="Care contacts missed for good in the last 30 days.")]
    offered: Annotated[int, Field(description="Hand-overs of this facility's that wait for another one's answer.")]
    offered_here: Annotated[int, Field(description="Hand-overs that wait for this facility's answer.")]
    questions: Annotated[int, Field(description="Accesses that women question, to be answered by supervisors.")]
    questions_overdue: int
    without_facility: int
    workers: Annotated[list[WorkerCounts], Field(description="In the order of the alphabet, never of numbers.")]
