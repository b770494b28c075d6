"""Cases of departments on people."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "240c7a877adc"
down_revision = "4f7137e0e58b"
branch_labels = None
depends_on = None

OPEN = "person_id IS NOT NULL AND closed_at IS NULL"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "called_case",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agreement", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("called_case_of", "called_case", ["person_id", "department"], unique=False)
    op.create_index("called_case_open", "called_case", ["until"], unique=False, postgresql_where=sa.text(OPEN))


def downgrade() -> None:
    op.drop_index("called_case_open", table_name="called_case", postgresql_where=sa.text(OPEN))
    op.drop_index("called_case_of", table_name="called_case")
    op.drop_table("called_case")
