"""Empty: imports have no way in over HTTP. They stay a command beside the registry's database (docs/imports.md); the
number was given out for them, and the chain of migrations is not renumbered."""

revision = "598545612c16"
down_revision = "e753bdd99857"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No table changes."""


def downgrade() -> None:
    """No table changes."""
