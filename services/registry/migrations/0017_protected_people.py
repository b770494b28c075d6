"""Protected people."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0251ea51586b"
down_revision = "c2e186f577de"
branch_labels = None
depends_on = None

STANDING = sa.text("ended_at IS NULL")
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "protection",
        sa.Column("protection_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("marked_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.Column("end_asked_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("end_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.LargeBinary(), nullable=True),
        sa.Column("ended_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("protection_id"),
    )
    op.create_index("protection_of_person", "protection", ["person_id"], postgresql_where=STANDING)
    op.create_index("protection_of_department", "protection", ["department", "protection_id"])


def downgrade() -> None:
    op.drop_table("protection")
