"""The woman's own page: codes that let her in; and tasks that workers say are wrong. Only new tables."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "own_code",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("printed", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("episode_id"),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_table(
        "task_report",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=True),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("report_id"),
    )
    op.create_index("task_report_list", "task_report", ["facility", "reported_at", "report_id"], unique=False)
    op.create_index(
        "task_report_episode",
        "task_report",
        ["episode_id"],
        unique=False,
        postgresql_where=sa.text("episode_id IS NOT NULL"),
    )
    op.create_index("task_report_once", "task_report", ["task_id", "facility"], unique=True)


def downgrade() -> None:
    """Remove them."""
    op.drop_table("task_report")
    op.drop_table("own_code")
