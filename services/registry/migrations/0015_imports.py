"""Imports of existing registers."""

revision = "8980b4cb1996"
down_revision = "b4a5fa8b9b65"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
