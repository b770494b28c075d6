"""Agreements that a restored exchange does not know end."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7b20c8e4f913"
down_revision = "c1d7f0a94b26"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreements_epoch",
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed"),
    )
    op.create_table(
        "agreement_told_again",
        sa.Column("identifier", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("identifier"),
    )
    # What was told in the present epoch stays as it was told.
    op.execute(
        "INSERT INTO agreements_epoch (feed, epoch, before) SELECT feed, epoch, 0 FROM feed_cursor"
        " WHERE feed = 'sharing' AND partition = 0 AND epoch IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("agreement_told_again")
    op.drop_table("agreements_epoch")
