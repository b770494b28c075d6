"""Since when entries count for a subscription: what is older was delivered and forgotten, or was before its time.

A feed that begins anew sends a webhook nothing of that again. Subscriptions there are start from where they stand.
"""

import sqlalchemy as sa
from alembic import op

revision = "91e4b7c0d5a2"
down_revision = "c3f7a1d84e26"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "subscription",
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
    )
    op.execute("UPDATE subscription SET since = created_at")


def downgrade() -> None:
    op.drop_column("subscription", "since")
