"""A slip that nobody used ends with whoever made it. One new column; of slips from before it is not known who did."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("own_code", sa.Column("made_by", sa.String(), nullable=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("own_code", "made_by")
