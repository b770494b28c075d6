"""Protected people."""

revision = "0251ea51586b"
down_revision = "c2e186f577de"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
