"""Bodies of the worklist."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.alerts.worklist.handlers import Worklist
from services.alerts.worklist.rules import Kind, When
from services.alerts.worklist.task import Task, Why
from shared.sharing.words import Words


class Reason(BaseModel):
    """Why it is on the list, and the clause that says so; `rule`: schedule and version, where one stands behind it;
    `norm`: the document the clause stands in."""

    code: str
    text: Words
    source: Words
    rule: str | None
    norm: Words | None

    @classmethod
    def of(cls, why: Why) -> "Reason":
        """Shape one reason."""
        return cls(code=why.code, text=why.text, source=why.source, rule=why.rule, norm=why.norm)


class ReachBody(BaseModel):
    """One way in which she wants to be reached."""

    how: str
    value: str


class TaskBody(BaseModel):
    """One task. Dates in Asia/Shanghai: it is in time until `due_on`, and leaves the list after `closes_on`.

    `episode`: where it belongs to an episode of care; `child`: the number of the child it is for, `reach` and `avoid`:
    how she wants to be reached and whom not to contact, `linked`: whether it is known who she is in the register.
    `mother_name`, `child_name`, `born_on`, `area`, `reference` (the mother's): of help with birth registration.
    """

    id: UUID
    kind: Kind
    when: When
    name: str | None
    what: Words
    reason: Reason
    opened_on: date
    due_on: date
    closes_on: date | None
    episode: UUID | None
    worker: str | None
    child: int | None
    reach: list[ReachBody]
    avoid: list[str]
    linked: bool
    mother_name: str | None
    child_name: str | None
    born_on: date | None
    area: Words | None
    reference: str | None

    @classmethod
    def of(cls, task: Task) -> "TaskBody":
        """Shape one task."""
        return cls(
            id=task.id,
            kind=task.kind,
            when=task.when,
            name=task.name,
            what=task.what,
            reason=Reason.of(task.why),
            opened_on=task.opens_on,
            due_on=task.due_on,
            closes_on=task.closes_on,
            episode=task.episode,
            worker=task.worker,
            child=task.child,
            reach=[ReachBody(how=how, value=value) for how, value in task.reach],
            avoid=list(task.avoid),
            linked=task.linked,
            mother_name=task.mother_name,
            child_name=task.child_name,
            born_on=task.born_on,
            area=task.area,
            reference=task.reference,
        )


class WorklistBody(BaseModel):
    """A page of tasks, in order of the last day in time. `counts`: of all the facility's tasks, by where they stand;
    they stop at 500, and `uncounted` names where there are more. At most 500 care contacts are opened for a page: a
    filtered one may hold fewer than were asked for, or none, while `next_after` leads on.
    `without_facility`, for supervisors of the county's facility: open help that nobody sees."""

    tasks: list[TaskBody]
    next_after: str | None
    counts: dict[When, int]
    uncounted: list[When]
    without_facility: int | None = None

    @classmethod
    def of(cls, page: Worklist) -> "WorklistBody":
        """Shape a page."""
        return cls(
            tasks=[TaskBody.of(task) for task in page.tasks],
            next_after=page.next_after,
            counts=page.counts,
            uncounted=sorted(page.uncounted),
            without_facility=page.without_facility,
        )
