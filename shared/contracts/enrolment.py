"""enrolment.registered and enrolment.ended: education registers which school a child attends."""

from shared.contracts.values import AreaCode, Number, Payload, Person, Value


class School(Value):
    """A school by its number in the school register, and its area."""

    number: Number
    area: AreaCode


class EnrolmentRegistered(Payload):
    """The child attends the school from `effective_on`."""

    child: Person
    school: School


class EnrolmentEnded(Payload):
    """The child attends the school no longer. It says nothing of why."""

    child: Person
    school: School
