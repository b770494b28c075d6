"""Whether receivers acknowledged what an authority corrected."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "4c7e2a91d0b3"
down_revision = "c1f0a7d2b963"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("correction_request", sa.Column("acknowledged", sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    op.drop_column("correction_request", "acknowledged")
