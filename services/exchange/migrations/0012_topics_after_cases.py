"""Topics of departments are begun anew some time after cases have ended. A column without a default: no table is
written anew."""

import sqlalchemy as sa
from alembic import op

revision = "c3f7a1d84e26"
down_revision = "5d0e9a4c71b8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feed_purge", sa.Column("ended_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("feed_purge", "ended_since")
