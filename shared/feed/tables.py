"""Feed tables, the same in every service's own database. Definition only; SQL stands in log.py and follow.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class FeedHead(SQLModel, table=True):
    """The newest position of each partition. Locked, advanced and used late in a transaction."""

    __tablename__ = "feed_head"
    feed: str = Field(primary_key=True)
    partition: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    epoch: UUID = Field(sa_column_kwargs={"server_default": text("gen_random_uuid()")})
    position: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    recorded_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


class FeedEntry(SQLModel, table=True):
    """Entries of the feeds that have rows of their own; the body is sealed."""

    __tablename__ = "feed_entry"
    __table_args__ = (UniqueConstraint("feed", "entry_id"),)
    feed: str = Field(primary_key=True)
    partition: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    entry_id: UUID
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class FeedCursor(SQLModel, table=True):
    """How far this service has followed another's feed; moved in the transaction of the effects."""

    __tablename__ = "feed_cursor"
    feed: str = Field(primary_key=True)
    partition: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    epoch: UUID | None = None
    position: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    moved_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


FEED_TABLES = [FeedHead, FeedEntry, FeedCursor]
