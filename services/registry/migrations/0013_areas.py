"""Areas with validity."""

revision = "67a788e525e6"
down_revision = "5fc2c6667f12"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
