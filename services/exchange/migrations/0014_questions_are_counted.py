"""Cases that are asked for count against quotas of the day. Columns without a default: no table is written anew; the
index is small as long as few cases were asked for."""

import sqlalchemy as sa
from alembic import op

revision = "a4d8e2f09b63"
down_revision = "91e4b7c0d5a2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_by_call", sa.Column("asked_on", sa.Date(), nullable=True))
    op.add_column("case_by_call", sa.Column("asked_by", sa.LargeBinary(), nullable=True))
    op.create_index("case_by_call_counted", "case_by_call", ["asked_on", "department"], unique=False)


def downgrade() -> None:
    op.drop_index("case_by_call_counted", table_name="case_by_call")
    op.drop_column("case_by_call", "asked_by")
    op.drop_column("case_by_call", "asked_on")
