"""Findings of the running reconciler."""

revision = "ae5b28403882"
down_revision = "5af36206fa51"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
