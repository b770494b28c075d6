"""Agreements as data: their standing and every step of it. A delivery may end withheld.

The new check of `delivery` waits for those that read it; the table holds a month at most.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "f46d4ce75902"
down_revision = "c4a7d20e91b3"
branch_labels = None
depends_on = None

STANDING = "standing IN ('proposed', 'in-force', 'suspended', 'ended', 'expired', 'replaced', 'refused', 'withdrawn')"
WHAT = (
    "what IN ('proposed', 'approved', 'in-force', 'suspended', 'resumed', 'ended', 'expired', 'replaced',"
    " 'refused', 'withdrawn')"
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "agreement",
        sa.Column("identifier", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("standing", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provisioned", sa.Boolean(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(STANDING, name="agreement_standing"),
        sa.PrimaryKeyConstraint("identifier", "version"),
    )
    op.create_index(
        "agreement_proposed_once",
        "agreement",
        ["identifier"],
        unique=True,
        postgresql_where=sa.text("standing = 'proposed'"),
    )
    op.create_index(
        "agreement_effective_once",
        "agreement",
        ["identifier"],
        unique=True,
        postgresql_where=sa.text("standing IN ('in-force', 'suspended')"),
    )
    op.create_table(
        "agreement_step",
        sa.Column("step", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("identifier", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint(WHAT, name="agreement_step_what"),
        sa.ForeignKeyConstraint(["identifier", "version"], ["agreement.identifier", "agreement.version"]),
        sa.PrimaryKeyConstraint("step"),
        sa.UniqueConstraint("entry_id"),
    )
    op.create_index(
        "agreement_signed_once",
        "agreement_step",
        ["identifier", "version", "department"],
        unique=True,
        postgresql_where=sa.text("what = 'approved'"),
    )
    op.create_index("agreement_step_of", "agreement_step", ["identifier", "version", "step"], unique=False)
    op.create_table(
        "feed_purge",
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("department"),
    )
    op.drop_constraint("delivery_state", "delivery")
    op.create_check_constraint("delivery_state", "delivery", "state IN ('due', 'delivered', 'parked', 'withheld')")
    op.drop_index("delivery_settled", table_name="delivery", postgresql_where=sa.text("state = 'delivered'"))
    op.create_index(
        "delivery_settled",
        "delivery",
        ["settled_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('delivered', 'withheld')"),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(
        "delivery_settled", table_name="delivery", postgresql_where=sa.text("state IN ('delivered', 'withheld')")
    )
    op.create_index(
        "delivery_settled", "delivery", ["settled_at"], unique=False, postgresql_where=sa.text("state = 'delivered'")
    )
    op.execute("UPDATE delivery SET state = 'delivered' WHERE state = 'withheld'")
    op.drop_constraint("delivery_state", "delivery")
    op.create_check_constraint("delivery_state", "delivery", "state IN ('due', 'delivered', 'parked')")
    op.drop_table("feed_purge")
    op.drop_index("agreement_step_of", table_name="agreement_step")
    op.drop_index("agreement_signed_once", table_name="agreement_step", postgresql_where=sa.text("what = 'approved'"))
    op.drop_table("agreement_step")
    op.drop_index(
        "agreement_effective_once",
        table_name="agreement",
        postgresql_where=sa.text("standing IN ('in-force', 'suspended')"),
    )
    op.drop_index("agreement_proposed_once", table_name="agreement", postgresql_where=sa.text("standing = 'proposed'"))
    op.drop_table("agreement")
