"""Table of blocks. Definition only: SQL stands in repository.py."""

from uuid import UUID

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class Block(SQLModel, table=True):
    """A person stands in a block: two people who may be the same share at least one. `key` is a keyed digest of what
    the block is made of (services/registry/identity/blocking.py), so that neither name nor birth date lies here.

    Derived from states, in the transaction of the fold. No index by person, and no foreign key: whose blocks change is
    known with their state, and a page of the fold writes thousands of rows.
    """

    __tablename__ = "block"
    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    person_id: UUID = Field(primary_key=True)


BLOCK_TABLES = [Block]
