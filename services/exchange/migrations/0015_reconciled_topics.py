"""Topics that the running reconciler looks through."""

revision = "26ae290a87f2"
down_revision = "a4d8e2f09b63"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
