"""Corrections that were decided in the registry, whose acknowledgements it is told of."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "5d1b8e63f7a4"
down_revision = "8f1f1bf40e05"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decided_correction",
        sa.Column("receipt", sa.Uuid(), nullable=False),
        sa.Column("correction", sa.Uuid(), nullable=False),
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("acknowledge_by", sa.Date(), nullable=False),
        sa.Column("told", sqlmodel.sql.sqltypes.AutoString(), server_default=sa.text("'not-yet'"), nullable=False),
        sa.Column("tellings", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("open", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("receipt"),
    )
    op.create_index(
        "decided_correction_open", "decided_correction", ["acknowledge_by"], postgresql_where=sa.text("open")
    )


def downgrade() -> None:
    op.drop_table("decided_correction")
