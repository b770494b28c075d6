"""entitlement.granted and entitlement.ended: population and family services grant what a person is entitled to."""

from shared.contracts.values import Day, Payload, Person, SchemeCode


class EntitlementGranted(Payload):
    """The person is entitled under the scheme from `effective_on`, at the longest up to and with `until`."""

    person: Person
    scheme: SchemeCode
    until: Day | None = None


class EntitlementEnded(Payload):
    """The entitlement has ended. It says nothing of why."""

    person: Person
    scheme: SchemeCode
