"""Links decided by clerks, and reviews."""

revision = "da19efe8787a"
down_revision = "7b20c8e4f913"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
