"""Cases opened and ended by call; cases by reporting end, too, and every case has a name.

Naming the cases there are writes their table anew: the worker waits for it, intake and feeds do not.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "2a8454efd26d"
down_revision = "f46d4ce75902"
branch_labels = None
depends_on = None

STATUS = "status IN ('asked', 'open', 'not-found', 'ended')"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "case_by_call",
        sa.Column("case_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agreement", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), server_default=sa.text("'asked'"), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(STATUS, name="case_by_call_status"),
        sa.PrimaryKeyConstraint("case_id"),
        sa.UniqueConstraint("department", "id", name="case_asked_once"),
    )
    op.create_index("case_by_call_listed", "case_by_call", ["department", "case_id"], unique=False)
    op.create_index(
        "case_by_call_of",
        "case_by_call",
        ["department", "reference"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.add_column(
        "department_case", sa.Column("case_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)
    )
    op.add_column(
        "department_case", sa.Column("reporting", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.add_column("department_case", sa.Column("reported_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("department_case", sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_unique_constraint("department_case_id", "department_case", ["department", "case_id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_constraint("department_case_id", "department_case")
    op.drop_column("department_case", "reason")
    op.drop_column("department_case", "reported_until")
    op.drop_column("department_case", "reporting")
    op.drop_column("department_case", "case_id")
    op.drop_index("case_by_call_of", table_name="case_by_call", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("case_by_call_listed", table_name="case_by_call")
    op.drop_table("case_by_call")
