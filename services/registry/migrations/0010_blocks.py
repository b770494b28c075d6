"""Blocks: who is compared with whom."""

revision = "e181aa67456a"
down_revision = "da19efe8787a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
