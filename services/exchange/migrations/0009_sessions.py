"""Login codes and sessions for pages."""

revision = "73e581d2aba6"
down_revision = "35e784fe9cee"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
