"""Agreements that came into force, whose receivers are told their people once more."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "c1d7f0a94b26"
down_revision = "ae5b28403882"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retelling",
        sa.Column("agreement", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("everyone", sa.Boolean(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("behind", sa.Uuid(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("agreement"),
    )


def downgrade() -> None:
    op.drop_table("retelling")
