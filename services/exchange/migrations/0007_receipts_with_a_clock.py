"""Bulk corrections in a lane of their own; held receipts that were looked at again.

The index holds bulk loads only, and there are none yet: it is built in no time.
"""

import sqlalchemy as sa
from alembic import op

revision = "6cc25a52e47e"
down_revision = "3904946b6609"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journal", sa.Column("batch", sa.String(), nullable=True))
    op.create_index(
        "journal_by_batch",
        "journal",
        ["department", "batch", "receipt"],
        unique=False,
        postgresql_where=sa.text("batch IS NOT NULL"),
    )
    op.add_column("outcome", sa.Column("retried_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("outcome", "retried_at")
    op.drop_index("journal_by_batch", table_name="journal", postgresql_where=sa.text("batch IS NOT NULL"))
    op.drop_column("journal", "batch")
