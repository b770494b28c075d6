"""Subscriptions pull, are called by webhook, or have a Kafka topic of their own. Columns with constant defaults: no
table is written anew."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "5d0e9a4c71b8"
down_revision = "b0d1f7c2a96e"
branch_labels = None
depends_on = None

NUMBERS = ("begins_after", "holds_after", "purged")


def upgrade() -> None:
    op.add_column(
        "subscription",
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), server_default=sa.text("'pull'"), nullable=False),
    )
    for name in NUMBERS:
        op.add_column("subscription", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.execute("UPDATE subscription SET kind = 'webhook' WHERE url IS NOT NULL")
    op.create_check_constraint("subscription_kind", "subscription", "kind IN ('pull', 'webhook', 'kafka')")
    op.create_check_constraint("subscription_url", "subscription", "(kind = 'webhook') = (url IS NOT NULL)")
    op.create_table(
        "abandoned_topic",
        sa.Column("topic", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "abandoned_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("topic"),
    )


def downgrade() -> None:
    op.drop_table("abandoned_topic")
    op.drop_constraint("subscription_url", "subscription")
    op.drop_constraint("subscription_kind", "subscription")
    for name in (*reversed(NUMBERS), "kind"):
        op.drop_column("subscription", name)
