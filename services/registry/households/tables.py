"""Table of who was ever named in a household. Definition only: SQL stands in repository.py."""

from uuid import UUID

from sqlmodel import Field, SQLModel


class HouseholdNamed(SQLModel, table=True):
    """Some fact entered this person in the register of this household, be it annulled or linked to another by now: who
    may have been known as a member at a time. Never removed; says nothing about who is one."""

    __tablename__ = "household_named"
    household_number: str = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)


HOUSEHOLD_TABLES = [HouseholdNamed]
