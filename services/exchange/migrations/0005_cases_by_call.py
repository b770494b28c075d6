"""Cases opened and ended by call."""

revision = "2a8454efd26d"
down_revision = "f46d4ce75902"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
