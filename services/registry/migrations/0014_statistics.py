"""Statistics by delta rows, and releases."""

revision = "b4a5fa8b9b65"
down_revision = "67a788e525e6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
