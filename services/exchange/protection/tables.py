"""The table of protected people. Definition only: SQL stands in repository.py."""

from datetime import datetime

from sqlalchemy import Column, DateTime
from sqlmodel import Field, SQLModel


class ProtectedPerson(SQLModel, table=True):
    """Whether where a person lives is withheld from a department, under the department's own reference. `as_of`: when
    the registry said so last; what is read again and older says nothing new. Why, and who protects, is not known here.
    """

    __tablename__ = "protected_person"
    department: str = Field(primary_key=True)
    reference: str = Field(primary_key=True)
    withheld: bool
    as_of: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


PROTECTION_TABLES = [ProtectedPerson]
