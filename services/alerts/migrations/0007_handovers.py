"""Offers of an episode to another facility."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("from_facility", TEXT, nullable=False),
        sa.Column("to_facility", TEXT, nullable=False),
        sa.Column("area", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("by_move", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asking', 'offered', 'accepted', 'declined', 'withdrawn', 'returned')", name="handover_state"
        ),
        sa.CheckConstraint("from_facility <> to_facility", name="handover_elsewhere"),
        sa.PrimaryKeyConstraint("handover_id"),
    )
    open_offer = sa.text("state IN ('asking', 'offered')")
    op.create_index("handover_open", "handover", ["episode_id"], unique=True, postgresql_where=open_offer)
    op.create_index("handover_of_episode", "handover", ["episode_id"], unique=False)
    op.create_index("handover_incoming", "handover", ["to_facility", "state", "since", "handover_id"], unique=False)
    op.create_index("handover_outgoing", "handover", ["from_facility", "state", "since", "handover_id"], unique=False)
    stays = sa.text("state = 'accepted' AND until IS NOT NULL")
    op.create_index("handover_stays", "handover", ["until", "handover_id"], unique=False, postgresql_where=stays)

    op.create_table(
        "episode_served",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("facility", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("episode_id"),
    )


def downgrade() -> None:
    op.drop_table("episode_served")
    op.drop_table("handover")
