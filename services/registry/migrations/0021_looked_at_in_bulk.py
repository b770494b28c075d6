"""Lists that count as looks at people: they are counted in `person_seen`, as look-ups are, and need no table."""

revision = "30b4a2a4b93b"
down_revision = "598545612c16"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No table changes."""


def downgrade() -> None:
    """No table changes."""
