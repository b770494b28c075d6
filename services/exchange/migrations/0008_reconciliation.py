"""What the running reconciler keeps: how many rows each table must have, and what it found;
departments' own lists compared with the journal, and what the journal must say of an event for that.

While the indexes are built, the intake waits.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "35e784fe9cee"
down_revision = "6cc25a52e47e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "table_tally",
        sa.Column("table_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "slot"),
    )
    op.create_table(
        "finding",
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kind", "place"),
    )
    op.create_table(
        "check_round",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("steps", sa.BigInteger(), nullable=False),
        sa.Column("rounds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "reconciliation",
        sa.Column("reconciliation_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name="reconciliation_state"),
        sa.PrimaryKeyConstraint("reconciliation_id"),
    )
    op.create_index("reconciliation_by_department", "reconciliation", ["department", "reconciliation_id"])
    op.create_table(
        "reconciliation_difference",
        sa.Column("reconciliation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("why", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.Uuid(), nullable=True),
        sa.Column("record", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["reconciliation_id"], ["reconciliation.reconciliation_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("reconciliation_id", "number"),
    )
    op.create_index(
        "reconciliation_difference_by_kind", "reconciliation_difference", ["reconciliation_id", "kind", "number"]
    )
    # Rows of before have none of these: the worker opens their bodies and fills them in (docs/reconciliation.md).
    op.add_column("journal", sa.Column("time", sa.DateTime(timezone=True), nullable=True))
    op.add_column("journal", sa.Column("supersedes_source", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("journal", sa.Column("supersedes_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_index("journal_by_time", "journal", ["department", "time"])
    op.create_index(
        "journal_superseding",
        "journal",
        ["supersedes_source", "supersedes_id"],
        postgresql_where=sa.text("supersedes_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("journal_superseding", table_name="journal")
    op.drop_index("journal_by_time", table_name="journal")
    op.drop_column("journal", "supersedes_id")
    op.drop_column("journal", "supersedes_source")
    op.drop_column("journal", "time")
    op.drop_table("reconciliation_difference")
    op.drop_table("reconciliation")
    op.drop_table("check_round")
    op.drop_table("finding")
    op.execute("DROP FUNCTION IF EXISTS tally() CASCADE")  # with its triggers on every table (shared/migrate.py)
    op.drop_table("table_tally")
