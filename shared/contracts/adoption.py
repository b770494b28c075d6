"""adoption.registered: civil affairs registers an adoption."""

from typing import Annotated

from pydantic import Field

from shared.contracts.values import Number, Payload, Person


class AdoptionRegistered(Payload):
    """The child and one or two adopters, who become the parents from `effective_on`."""

    child: Person
    adopters: Annotated[list[Person], Field(min_length=1, max_length=2)]
    certificate_number: Number
