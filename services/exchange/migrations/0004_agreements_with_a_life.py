"""Agreements as data: their standing and every step of it."""

revision = "f46d4ce75902"
down_revision = "c4a7d20e91b3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
