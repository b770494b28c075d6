"""Agreements as the exchange tells them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "4f7137e0e58b"
down_revision = "8d1c6f0a2b47"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreement_told",
        sa.Column("identifier", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("identifier"),
        sa.UniqueConstraint("told", name="agreement_told_in_order"),
    )


def downgrade() -> None:
    op.drop_table("agreement_told")
