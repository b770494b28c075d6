"""Protected people."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "8f1f1bf40e05"
down_revision = "26ae290a87f2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "protected_person",
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("department", "reference"),
    )


def downgrade() -> None:
    op.drop_table("protected_person")
