"""Corrections asked and decided."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "c2e186f577de"
down_revision = "8980b4cb1996"
branch_labels = None
depends_on = None


def text_column(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "correction_request",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        text_column("field"),
        text_column("authority"),
        text_column("department", nullable=True),
        text_column("asked_by", nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("standing", sqlmodel.sql.sqltypes.AutoString(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        text_column("decided_by", nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("annulment", sa.LargeBinary(), nullable=True),
        text_column("annulled_by", nullable=True),
        sa.Column("annulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("correction_request_of_person", "correction_request", ["person_id", "request_id"])
    op.create_index("correction_request_of_department", "correction_request", ["department", "due", "request_id"])
    op.create_index("correction_request_of_authority", "correction_request", ["authority", "due", "request_id"])
    op.create_index(
        "correction_request_open",
        "correction_request",
        ["due", "request_id"],
        postgresql_where=sa.text("standing = 'open'"),
    )
    op.create_table(
        "correction_permit",
        text_column("source"),
        text_column("id"),
        text_column("department"),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["correction_request.request_id"]),
        sa.PrimaryKeyConstraint("source", "id", "department"),
    )


def downgrade() -> None:
    op.drop_table("correction_permit")
    op.drop_table("correction_request")
