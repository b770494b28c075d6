"""The directory's tables."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, DateTime, Index, LargeBinary, String, text
from sqlmodel import Field, SQLModel


class DirectoryPerson(SQLModel, table=True):
    """One reference and what the registry last said of it; `told_*` is the entry that said so, older ones lose.

    `ever_settled` (registered or adopted) and `ever_died` hold what was said at any time, in whatever order it arrived:
    help that one of them ended never starts again. A row with `merged_into` is a former name of that person.
    """

    __tablename__ = "directory_person"
    __table_args__ = (
        Index("directory_person_former", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )
    reference: str = Field(primary_key=True)
    merged_into: str | None = None
    area: str | None = None
    alive: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    registered: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    ever_settled: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    ever_died: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    told_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    told_position: int | None = Field(default=None, sa_column=Column(BigInteger))


class DirectoryIndex(SQLModel, table=True):
    """An identifier's blind index and whom it names; two people may share a number (old clerical errors)."""

    __tablename__ = "directory_index"
    __table_args__ = (Index("directory_index_of_person", "reference"),)
    index: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    reference: str = Field(primary_key=True)


class DirectoryWord(SQLModel, table=True):
    """A word of the registry that matters for ever: a death, a merge, a split, and that nothing is reported any more.
    Kept so that who is who is a function of what was said, in whatever order it arrived (lineage.py)."""

    __tablename__ = "directory_word"
    __table_args__ = (
        CheckConstraint("saying IN ('died', 'unknown', 'merged', 'split')", name="directory_word_saying"),
        Index("directory_word_names", "names", postgresql_using="gin"),
    )
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    told_position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    saying: str
    names: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
