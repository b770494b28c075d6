"""The workers that share the partitions of intake topics."""

import sqlalchemy as sa
from alembic import op

revision = "b0d1f7c2a96e"
down_revision = "73e581d2aba6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kafka_member",
        sa.Column("member", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("member"),
    )


def downgrade() -> None:
    op.drop_table("kafka_member")
