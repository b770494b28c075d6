"""Bulk corrections in a lane of their own; overdue receipts."""

revision = "6cc25a52e47e"
down_revision = "3904946b6609"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
