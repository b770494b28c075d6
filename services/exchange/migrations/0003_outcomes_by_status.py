"""Receipts of a department by status are read from the outcomes, not from its entire journal.

While the index is built, outcomes wait to be written; nothing that a department reports does.
"""

import sqlalchemy as sa
from alembic import op

revision = "c4a7d20e91b3"
down_revision = "f15027384ed6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("outcome_by_status", "outcome", ["department", "status", "receipt"], unique=False)
    op.drop_index("outcome_open", table_name="outcome", postgresql_where=sa.text("status <> 'applied'"))


def downgrade() -> None:
    op.create_index(
        "outcome_open", "outcome", ["status", "receipt"], unique=False, postgresql_where=sa.text("status <> 'applied'")
    )
    op.drop_index("outcome_by_status", table_name="outcome")
