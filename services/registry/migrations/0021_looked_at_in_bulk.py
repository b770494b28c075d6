"""Lists that count as looks at people."""

revision = "30b4a2a4b93b"
down_revision = "598545612c16"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
