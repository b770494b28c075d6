"""Lists of areas, each whole, one after the other."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "67a788e525e6"
down_revision = "5fc2c6667f12"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area_list",
        sa.Column("list_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column(
            "entered_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("areas", sa.LargeBinary(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("list_id"),
    )


def downgrade() -> None:
    op.drop_table("area_list")
