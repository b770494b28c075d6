"""Login tables, the same in every service with pages. Codes, cookies and addresses are stored as keyed fingerprints:
the rows let nobody in."""

from datetime import datetime

from sqlalchemy import ARRAY, Column, DateTime, Index, LargeBinary, SmallInteger, String, text
from sqlmodel import Field, SQLModel


class LetsIn(SQLModel):
    """Whom it lets in, until when, and the keyed fingerprint by which it is found."""

    fingerprint: bytes = Field(primary_key=True)
    subject: str
    department: str | None = None
    purpose: str | None = None
    facility: str | None = None
    roles: list[str] = Field(sa_type=ARRAY(String))
    areas: list[str] = Field(
        sa_type=ARRAY(String),
        sa_column_kwargs={"server_default": text("'{}'")},
    )
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))


class LoginCode(LetsIn, table=True):
    """A one-time code and whom it lets in. Used or past its time, the row is deleted."""

    __tablename__ = "login_code"


class LoginSession(LetsIn, table=True):
    """A signed-in person. Signing out deletes the row."""

    __tablename__ = "login_session"
    __table_args__ = (Index("login_session_end", "expires_at"),)


class LoginAttempt(SQLModel, table=True):
    """How often an address has tried codes that let nobody in, since `since`."""

    __tablename__ = "login_attempt"
    address: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    failures: int = Field(sa_column=Column(SmallInteger, nullable=False, server_default=text("0")))


SESSION_TABLES = [LoginCode, LoginSession, LoginAttempt]
