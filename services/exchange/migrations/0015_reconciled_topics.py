"""Intake topics that the running reconciler looks through."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "26ae290a87f2"
down_revision = "a4d8e2f09b63"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake_checked",
        sa.Column("topic", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("record_offset", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
    )
    op.create_table(
        "intake_gone",
        sa.Column("topic", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("first_offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_offset", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", "first_offset"),
    )


def downgrade() -> None:
    op.drop_table("intake_gone")
    op.drop_table("intake_checked")
