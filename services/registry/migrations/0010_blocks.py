"""Blocks: who is compared with whom; and how often officials have searched, and whom they have seen. Only new tables."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "e181aa67456a"
down_revision = "da19efe8787a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "block",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key", "person_id"),
    )
    op.create_table(
        "searches_asked",
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("department", "subject", "hour"),
    )
    op.create_table(
        "person_seen",
        sa.Column("seen_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("seen_id"),
    )
    op.create_index("person_seen_by", "person_seen", ["department", "subject", "seen_on", "person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("person_seen")
    op.drop_table("searches_asked")
    op.drop_table("block")
