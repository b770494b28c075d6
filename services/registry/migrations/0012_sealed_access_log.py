"""The access log is sealed by a chain."""

revision = "5fc2c6667f12"
down_revision = "24cf0cea979f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
