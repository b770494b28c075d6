"""Questioned access, misuse, break-glass."""

revision = "89d836a751b7"
down_revision = "0251ea51586b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
