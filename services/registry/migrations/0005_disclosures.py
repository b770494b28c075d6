"""What departments were told of people, for the access log."""

revision = "5af36206fa51"
down_revision = "240c7a877adc"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
