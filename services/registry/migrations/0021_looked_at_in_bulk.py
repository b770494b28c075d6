"""Retellings that end; reviews of events that were held before they got one. Lists that count as looks at people are
counted in `person_seen`, as look-ups are, and need no table."""

import sqlalchemy as sa
from alembic import op

revision = "30b4a2a4b93b"
down_revision = "598545612c16"
branch_labels = None
depends_on = None

# As the fold does it (facts/handlers.py, `hold`); nobody is in question.
REVIEWS_OF_HELD = """
INSERT INTO review (kind, receipt, due)
SELECT reason, receipt, due FROM held_event WHERE reason = 'supersedes-another-kind' AND rejected_at IS NULL
ON CONFLICT (receipt) WHERE standing = 'open' DO NOTHING
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("retelling", sa.Column("up_to", sa.Uuid(), nullable=True))
    op.execute(REVIEWS_OF_HELD)


def downgrade() -> None:
    op.drop_column("retelling", "up_to")
