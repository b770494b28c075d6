"""Bodies of household look-ups."""

from datetime import date, datetime

from pydantic import BaseModel

from services.registry.people.schemas import PersonFound


class HouseholdFound(BaseModel):
    """A household and those of its members whom the caller may see; a collective one lists nobody."""

    reference: str
    number: str
    valid_at: date | None
    known_at: datetime | None = None
    members: list[PersonFound]
