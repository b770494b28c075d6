"""The access log is sealed by a chain: each row knows its transaction, each seal its rows and a signed checkpoint."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "5fc2c6667f12"
down_revision = "24cf0cea979f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rows that are there already get this migration's transaction, and are sealed first. No row is rewritten.
    op.add_column(
        "access_log",
        sa.Column(
            "written_by",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
    )
    op.create_index("access_log_in_order", "access_log", ["written_by", "access_id"], unique=False)
    op.create_table(
        "access_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("last_written_by", sa.BigInteger(), nullable=False),
        sa.Column("last_access_id", sa.Uuid(), nullable=False),
        sa.Column("rows_so_far", sa.BigInteger(), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("checkpoint", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def downgrade() -> None:
    op.drop_table("access_seal")
    op.drop_index("access_log_in_order", table_name="access_log")
    op.drop_column("access_log", "written_by")
