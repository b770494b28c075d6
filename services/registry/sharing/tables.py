"""Table of the agreements as told. Definition only: SQL stands in repository.py."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class AgreementAsTold(SQLModel, table=True):
    """A sharing agreement as the exchange told it last. What was never told discloses nothing.

    `told` numbers every telling: its newest value says whether a reader is up to date.
    """

    __tablename__ = "agreement_told"
    __table_args__ = (UniqueConstraint("told", name="agreement_told_in_order"),)
    identifier: str = Field(primary_key=True)
    status: str
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    told: int = Field(sa_column=Column(BigInteger, nullable=False))
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class AgreementsEpoch(SQLModel, table=True):
    """The life of the feed `sharing` in which agreements are told now. Whatever had the number `before` or a
    smaller one when it began, and has not been told in it by its head, is nothing that the exchange knows."""

    __tablename__ = "agreements_epoch"
    feed: str = Field(primary_key=True)
    epoch: UUID
    before: int = Field(sa_column=Column(BigInteger, nullable=False))


class AgreementToldAgain(SQLModel, table=True):
    """What the feed says of an agreement of which something newer had been told before it began anew: it counts when
    the newer is not told again by the head, as by an exchange that was restored from a backup."""

    __tablename__ = "agreement_told_again"
    identifier: str = Field(primary_key=True)
    status: str
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


SHARING_TABLES = [AgreementAsTold, AgreementsEpoch, AgreementToldAgain]
