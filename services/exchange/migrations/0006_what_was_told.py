"""What each department was last told of each person, and corrections that wait to be acknowledged."""

revision = "3904946b6609"
down_revision = "2a8454efd26d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
