"""Feeds, access log, directory, help with birth registration, logging in."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "access_log",
        sa.Column("access_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("facility", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("fields", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("access_id"),
    )
    op.create_index("access_log_by_person", "access_log", ["reference", "access_id"], unique=False)
    op.create_table(
        "directory_index",
        sa.Column("index", sa.LargeBinary(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("index", "reference"),
    )
    op.create_index("directory_index_of_person", "directory_index", ["reference"], unique=False)
    op.create_table(
        "directory_person",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("alive", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("registered", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ever_settled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ever_died", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_index(
        "directory_person_former",
        "directory_person",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_table(
        "feed_cursor",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("feed", "partition"),
    )
    op.create_table(
        "feed_entry",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("feed", "partition", "position"),
        sa.UniqueConstraint("feed", "entry_id"),
    )
    op.create_table(
        "feed_head",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("feed", "partition"),
    )
    op.create_table(
        "login_attempt",
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_table(
        "login_code",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint"),
    )
    op.create_table(
        "login_session",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint"),
    )
    op.create_index("login_session_end", "login_session", ["expires_at"], unique=False)
    op.create_table(
        "parked",
        sa.Column("parked_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parked_id"),
    )
    op.create_table(
        "registration_help",
        sa.Column("help_id", sa.Uuid(), nullable=False),
        sa.Column("child", sa.String(), nullable=False),
        sa.Column("mother", sa.String(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=True),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("facility", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("step", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_change_on", sa.Date(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state <> 'waiting' OR next_change_on IS NOT NULL", name="registration_help_clock"),
        sa.CheckConstraint("state IN ('waiting', 'open', 'closed')", name="registration_help_state"),
        sa.PrimaryKeyConstraint("help_id"),
        sa.UniqueConstraint("child"),
    )
    op.create_index(
        "registration_help_due",
        "registration_help",
        ["next_change_on"],
        unique=False,
        postgresql_where=sa.text("next_change_on IS NOT NULL"),
    )
    op.create_index("registration_help_mother", "registration_help", ["mother"], unique=False)
    op.create_index(
        "registration_help_worklist",
        "registration_help",
        ["facility", "born_on", "help_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    """Remove everything."""
    for table in (
        "registration_help",
        "parked",
        "login_session",
        "login_code",
        "login_attempt",
        "feed_head",
        "feed_entry",
        "feed_cursor",
        "directory_person",
        "directory_index",
        "access_log",
    ):
        op.drop_table(table)
