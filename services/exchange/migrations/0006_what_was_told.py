"""What each department was last told of each person, and corrections that wait to be acknowledged. Only new tables."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "3904946b6609"
down_revision = "2a8454efd26d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "told",
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("how", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("epoch", sa.Uuid(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("how IN ('feed', 'look-up')", name="told_how"),
        sa.PrimaryKeyConstraint("department", "reference"),
    )
    op.create_table(
        "correction",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("correction_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("batch", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledge_by", sa.Date(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint("kind IN ('corrected', 'withdrawn')", name="correction_kind"),
        sa.CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="correction_acknowledged"),
        sa.PrimaryKeyConstraint("entry_id"),
        sa.UniqueConstraint("correction_id"),
    )
    op.create_index("correction_of_department", "correction", ["department", "correction_id"], unique=False)
    op.create_index(
        "correction_unacknowledged",
        "correction",
        ["department", "correction_id"],
        unique=False,
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.create_table(
        "correction_cause",
        sa.Column("receipt", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["correction.entry_id"]),
        sa.PrimaryKeyConstraint("receipt", "entry_id"),
    )


def downgrade() -> None:
    op.drop_table("correction_cause")
    op.drop_index("correction_unacknowledged", table_name="correction")
    op.drop_index("correction_of_department", table_name="correction")
    op.drop_table("correction")
    op.drop_table("told")
