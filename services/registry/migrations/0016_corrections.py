"""Corrections asked and decided."""

revision = "c2e186f577de"
down_revision = "8980b4cb1996"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
