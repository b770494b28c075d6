"""A woman questions an access to her record, and the facility answers. One new table."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "access_question",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.Uuid(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'answered')", name="access_question_state"),
        sa.PrimaryKeyConstraint("question_id"),
        sa.UniqueConstraint("entry"),
    )
    op.create_index("access_question_episode", "access_question", ["episode_id", "question_id"], unique=False)
    op.create_index(
        "access_question_list", "access_question", ["facility", "state", "due_on", "question_id"], unique=False
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("access_question")
