"""One task as a person reads it, whatever kind of help it is: whom, why and by which rule, what is due until when."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.alerts.worklist.rules import Kind, When
from shared.sharing.words import Words


@dataclass(frozen=True)
class Why:
    """Why a task stands on the list, and the clause that says so. `rule`: the schedule it comes from with its version;
    `norm`: the document the clause stands in, where `source` does not name it."""

    code: str
    text: Words
    source: Words
    rule: str | None = None
    norm: Words | None = None


@dataclass(frozen=True)
class Task:
    """One task. Dates in Asia/Shanghai: from `opens_on` on, in time until `due_on`, and off the list after `closes_on`
    (None: not by the date alone).

    `name`: whom to meet. `what`: what is to be done. `episode`: where the task belongs to an episode of care; `child`
    is then the number of the child it is for, `avoid` whom not to contact, `reach` how she wants to be reached (way,
    value), `linked` whether it is known who she is in the register.
    `child_name` and `born_on`: of help with registering a birth. `reference`: this service's own, of the mother.
    """

    kind: Kind
    id: UUID
    when: When
    name: str | None
    what: Words
    why: Why
    opens_on: date
    due_on: date
    closes_on: date | None = None
    episode: UUID | None = None
    worker: str | None = None
    child: int | None = None
    avoid: tuple[str, ...] = ()
    reach: tuple[tuple[str, str], ...] = ()
    linked: bool = True
    child_name: str | None = None
    born_on: date | None = None
    reference: str | None = None
    area: Words | None = None

    @property
    def mother_name(self) -> str | None:
        """The same as `name`, where it is help with registering a birth."""
        return self.name if self.kind is Kind.REGISTRATION else None

    @property
    def overdue(self) -> bool:
        """Whether its time is over."""
        return self.when is When.OVERDUE
