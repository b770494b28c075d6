"""When the end of a consent is told, and the lists of episodes that need a look. One column and indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them. A consent that is running is told of from thirty days before its last day on."""
    op.add_column("episode", sa.Column("consent_tell_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE episode SET consent_tell_on = consent_until - 30 WHERE consent_until IS NOT NULL AND state <> 'ended'"
    )
    op.create_index(
        "episode_consent_tell",
        "episode",
        ["consent_tell_on", "episode_id"],
        unique=False,
        postgresql_where=sa.text("consent_tell_on IS NOT NULL AND state = 'active'"),
    )
    op.create_index(
        "episode_consent_ends",
        "episode",
        ["facility", "consent_until", "episode_id"],
        unique=False,
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_index(
        "episode_unlinked",
        "episode",
        ["facility", "episode_id"],
        unique=False,
        postgresql_where=sa.text("person_index IS NULL AND state <> 'ended'"),
    )
    op.create_index(
        "episode_paused",
        "episode",
        ["facility", "episode_id"],
        unique=False,
        postgresql_where=sa.text("state = 'paused'"),
    )


def downgrade() -> None:
    """Remove them."""
    for index in ("episode_paused", "episode_unlinked", "episode_consent_ends", "episode_consent_tell"):
        op.drop_index(index, table_name="episode")
    op.drop_column("episode", "consent_tell_on")
