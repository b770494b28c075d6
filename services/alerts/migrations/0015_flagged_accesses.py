"""Accesses to care that a rule noticed. Two new tables."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "care_judged",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.CheckConstraint("one", name="care_judged_once"),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "care_flag",
        sa.Column("flag_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("above", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("decision IN ('seen', 'justified', 'misuse')", name="care_flag_decision"),
        sa.PrimaryKeyConstraint("flag_id"),
    )
    op.create_index(
        "care_flag_waiting",
        "care_flag",
        ["facility", "flag_id"],
        unique=False,
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_index("care_flag_of_facility", "care_flag", ["facility", "flag_id"], unique=False)
    op.create_index(
        "care_flag_once",
        "care_flag",
        ["facility", "subject", "day", "rule", "name"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("care_flag")
    op.drop_table("care_judged")
