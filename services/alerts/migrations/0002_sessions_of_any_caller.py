"""A session stands for any caller a token can describe; those of before stand for care staff, as they did."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("login_code", "login_session")


def upgrade() -> None:
    """Widen both tables. A constant default needs no rewrite, so no lock is held for long."""
    for table in TABLES:
        op.add_column(table, sa.Column("department", sa.String(), nullable=True))
        op.add_column(table, sa.Column("purpose", sa.String(), nullable=True))
        op.add_column(table, sa.Column("areas", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False))
        op.alter_column(table, "facility", nullable=True)
        op.execute(f"UPDATE {table} SET department = 'health', purpose = 'care'")


def downgrade() -> None:
    """Narrow them again; whoever belongs to no facility is signed out."""
    for table in TABLES:
        op.execute(f"DELETE FROM {table} WHERE facility IS NULL")
        op.alter_column(table, "facility", nullable=False)
        for column in ("areas", "purpose", "department"):
            op.drop_column(table, column)
