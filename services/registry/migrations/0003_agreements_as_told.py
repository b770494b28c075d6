"""Agreements as the exchange tells them."""

revision = "4f7137e0e58b"
down_revision = "8d1c6f0a2b47"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
