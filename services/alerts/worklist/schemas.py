"""Bodies of the worklist."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.alerts.worklist.handlers import Task, Worklist
from services.alerts.worklist.reasons import BIRTH_REGISTRATION, SOURCE
from shared.sharing.words import Words


class Reason(BaseModel):
    """Why it is on the list, and the rule that says so."""

    code: str = "birth-registration"
    text: Words = BIRTH_REGISTRATION
    source: Words = SOURCE


class TaskBody(BaseModel):
    """One open help. Dates in Asia/Shanghai; `reference` is the mother's."""

    id: UUID
    reference: str
    mother_name: str | None
    child_name: str | None
    born_on: date
    opened_on: date
    due_on: date
    area: Words | None
    reason: Reason = Reason()

    @classmethod
    def of(cls, task: Task) -> "TaskBody":
        """Shape one task."""
        return cls(
            id=task.help_id,
            reference=task.reference,
            mother_name=task.mother_name,
            child_name=task.child_name,
            born_on=task.born_on,
            opened_on=task.opened_on,
            due_on=task.due_on,
            area=task.area,
        )


class WorklistBody(BaseModel):
    """A page of open help, in order of birth. `without_facility`, for supervisors of the county's
    facility: open help that nobody sees."""

    tasks: list[TaskBody]
    next_after: str | None
    without_facility: int | None = None

    @classmethod
    def of(cls, page: Worklist) -> "WorklistBody":
        """Shape a page."""
        tasks = [TaskBody.of(task) for task in page.tasks]
        return cls(tasks=tasks, next_after=page.next_after, without_facility=page.without_facility)
