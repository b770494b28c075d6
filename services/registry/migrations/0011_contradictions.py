"""Contradictions between facts."""

revision = "24cf0cea979f"
down_revision = "e181aa67456a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
