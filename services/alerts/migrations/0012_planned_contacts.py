"""What is planned is found by the day on which it opens: a worklist counts what comes within a fortnight. One index."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "care_contact_planned",
        "care_contact",
        ["facility", "opens_on"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_index("care_contact_planned", table_name="care_contact")
