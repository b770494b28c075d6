"""Protected people."""

revision = "8f1f1bf40e05"
down_revision = "26ae290a87f2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
