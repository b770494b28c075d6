"""Imports by HTTP."""

revision = "598545612c16"
down_revision = "e753bdd99857"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
