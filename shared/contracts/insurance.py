"""insurance.enrolled and insurance.ended: human resources registers who is covered by a social insurance."""

from shared.contracts.values import Payload, Person, SchemeCode


class InsuranceEnrolled(Payload):
    """The person is covered by the scheme from `effective_on`."""

    person: Person
    scheme: SchemeCode


class InsuranceEnded(Payload):
    """The cover has ended. It says nothing of why."""

    person: Person
    scheme: SchemeCode
