"""Findings of the running reconciler."""

revision = "35e784fe9cee"
down_revision = "6cc25a52e47e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
