"""Statistics by delta rows, and releases."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b4a5fa8b9b65"
down_revision = "67a788e525e6"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "statistic_counted",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "statistic_delta",
        sa.Column("delta_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("area", TEXT(), nullable=False),
        sa.Column("sex", TEXT(), nullable=False),
        sa.Column("born", sa.Integer(), nullable=False),
        sa.Column("within", sa.SmallInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("delta_id"),
    )
    op.create_table(
        "statistic_total",
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area", TEXT(), nullable=False),
        sa.Column("sex", TEXT(), nullable=False),
        sa.Column("born", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("within", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "month", "area", "sex", "born", "within"),
    )
    op.create_index("statistic_total_by_month", "statistic_total", ["month"], unique=False)
    op.create_table(
        "statistic_release",
        sa.Column("period", TEXT(), nullable=False),
        sa.Column("indicator", TEXT(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("period", "indicator"),
    )
    op.create_table(
        "statistic_whole",
        sa.Column("provisioned", sa.LargeBinary(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("provisioned"),
    )


def downgrade() -> None:
    op.drop_table("statistic_whole")
    op.drop_table("statistic_release")
    op.drop_index("statistic_total_by_month", table_name="statistic_total")
    op.drop_table("statistic_total")
    op.drop_table("statistic_delta")
    op.drop_table("statistic_counted")
