"""Sessions of people on pages."""

revision = "e753bdd99857"
down_revision = "89d836a751b7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
