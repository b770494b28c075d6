"""Cases of departments on people."""

revision = "240c7a877adc"
down_revision = "4f7137e0e58b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
