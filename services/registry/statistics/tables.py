"""Tables of statistics. Definition only: SQL stands in repository.py.

Figures are kept as sums of signed rows: what a person counts for is stored with the person, and the difference is
written whenever it changes. Births stand in no row with an area: they are told for the whole county only (rule 10).
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Integer, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class StatisticCounted(SQLModel, table=True):
    """What a person counts for at present (counting.py), sealed: the next change is the difference from it."""

    __tablename__ = "statistic_counted"
    person_id: UUID = Field(primary_key=True)
    cells: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class StatisticDelta(SQLModel, table=True):
    """A change of a count, written in the transaction that folds; gone when it is added to the totals."""

    __tablename__ = "statistic_delta"
    delta_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    kind: str
    month: int = Field(sa_column=Column(Integer, nullable=False))
    area: str
    sex: str
    born: int = Field(sa_column=Column(Integer, nullable=False))
    within: int = Field(sa_column=Column(SmallInteger, nullable=False))
    people: int = Field(sa_column=Column(BigInteger, nullable=False))


class StatisticTotal(SQLModel, table=True):
    """A count as far as its changes were added up. `month` and `born`: year × 12 + month − 1; `within`: how many digits
    the areas of a move share."""

    __tablename__ = "statistic_total"
    __table_args__ = (Index("statistic_total_by_month", "month"),)
    kind: str = Field(primary_key=True)
    month: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    area: str = Field(primary_key=True)
    sex: str = Field(primary_key=True)
    born: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    within: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    people: int = Field(sa_column=Column(BigInteger, nullable=False))


class StatisticRelease(SQLModel, table=True):
    """One indicator as published for a period, for ever. `figures`: area, sex, age, value; null: not published."""

    __tablename__ = "statistic_release"
    period: str = Field(primary_key=True)
    indicator: str = Field(primary_key=True)
    made_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    figures: str = Field(sa_column=Column(JSONB, nullable=False))


class StatisticWhole(SQLModel, table=True):
    """The day on which everybody was counted, to the last one, by a provisioned list of areas; `provisioned`: its
    digest. Of a list that was entered, the list itself says so (`area_list.counted_on`)."""

    __tablename__ = "statistic_whole"
    provisioned: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    counted_on: date = Field(sa_column=Column(Date, nullable=False))


STATISTICS_TABLES = [StatisticCounted, StatisticDelta, StatisticTotal, StatisticRelease, StatisticWhole]
