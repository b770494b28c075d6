"""Which facility serves which area, and who works there, with dates."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "facility_area",
        sa.Column("line_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("prefix", TEXT, nullable=False),
        sa.Column("facility", TEXT, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_from <= valid_until", name="facility_days"
        ),
        sa.PrimaryKeyConstraint("line_id"),
    )
    op.create_index(
        "facility_area_line",
        "facility_area",
        ["prefix", "facility", "valid_from"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "duty_settled",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.CheckConstraint("one", name="duty_settled_once"),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "staff_member",
        sa.Column("staff_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("clinician", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("stands_in_for", TEXT, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("listed_by", TEXT, nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", TEXT, nullable=True),
        sa.CheckConstraint("role IN ('care-worker', 'supervisor')", name="staff_member_role"),
        sa.CheckConstraint("valid_until IS NULL OR valid_from <= valid_until", name="staff_member_days"),
        sa.CheckConstraint("stands_in_for IS NULL OR valid_until IS NOT NULL", name="staff_member_stand_in_ends"),
        sa.PrimaryKeyConstraint("staff_id"),
    )
    op.create_index(
        "staff_member_line",
        "staff_member",
        ["facility", "subject", "role", "stands_in_for", "valid_from"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "episode_worker",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("facility", TEXT, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "assigned_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("valid_until IS NULL OR valid_from <= valid_until", name="episode_worker_days"),
        sa.PrimaryKeyConstraint("episode_id", "subject"),
    )
    op.create_index("episode_worker_of_subject", "episode_worker", ["facility", "subject"], unique=False)
    op.create_table(
        "revocation",
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("facility", TEXT, nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("subject", "facility"),
    )


def downgrade() -> None:
    for table in ("revocation", "episode_worker", "staff_member", "duty_settled", "facility_area"):
        op.drop_table(table)
