"""Questioned access, misuse, break-glass."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "89d836a751b7"
down_revision = "0251ea51586b"
branch_labels = None
depends_on = None


def text_column(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=nullable)


def instant(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[sa.DateTime]:
    default = sa.text("clock_timestamp()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("access_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        text_column("department", nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        instant("asked_at", now=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=True),
        text_column("stated_by", nullable=True),
        instant("stated_at", nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        text_column("answered_by", nullable=True),
        instant("answered_at", nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("question_id"),
        sa.UniqueConstraint("access_id"),
    )
    op.create_index("question_of_person", "question", ["person_id", "question_id"])
    op.create_index("question_of_department", "question", ["department", "question_id"])
    op.create_index(
        "question_open", "question", ["due", "question_id"], postgresql_where=sa.text("answered_at IS NULL")
    )
    op.create_table(
        "official",
        text_column("department"),
        text_column("subject"),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("areas", sa.ARRAY(sa.String()), nullable=False),
        instant("provisioned_at", now=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("department", "subject"),
    )
    op.create_index("official_of_person", "official", ["person_id"])
    op.create_table(
        "judged_access",
        sa.Column("access_id", sa.Uuid(), nullable=False),
        text_column("department"),
        text_column("subject"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        instant("at"),
        sa.Column("without_case", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("access_id"),
    )
    op.create_index("judged_access_of_official", "judged_access", ["department", "subject", "at"])
    op.create_index("judged_access_at", "judged_access", ["at"])
    op.create_table(
        "judged_until",
        text_column("name"),
        sa.Column("seal", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "flag",
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        text_column("rule"),
        text_column("department"),
        text_column("subject"),
        sa.Column("access_id", sa.Uuid(), nullable=False),
        instant("at"),
        instant("raised_at", now=True),
        text_column("decision", nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        text_column("decided_by", nullable=True),
        instant("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("flag_id"),
    )
    op.create_index("flag_open", "flag", ["flag_id"], postgresql_where=sa.text("decision IS NULL"))
    op.create_index("flag_of_entry", "flag", ["access_id"])
    op.create_table(
        "break_glass",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        text_column("department"),
        text_column("subject"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        text_column("category"),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        instant("granted_at", now=True),
        instant("until"),
        instant("justify_by"),
        sa.Column("justification", sa.LargeBinary(), nullable=True),
        instant("justified_at", nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("grant_id"),
    )
    op.create_index("break_glass_of_day", "break_glass", ["department", "day"])
    op.create_index("break_glass_of_person", "break_glass", ["person_id", "grant_id"])


def downgrade() -> None:
    for table in ("break_glass", "flag", "judged_until", "judged_access", "official", "question"):
        op.drop_table(table)
