"""rejected events stay known."""

import sqlalchemy as sa
from alembic import op

revision = "8d1c6f0a2b47"
down_revision = "5f2b10275fbc"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("held_event", sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_column("held_event", "rejected_at")
