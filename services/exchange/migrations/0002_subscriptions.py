"""Subscriptions to department feeds, their deliveries and attempts. Only new tables: nothing waits for a lock."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "f15027384ed6"
down_revision = "13ea20c7598c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("subscription_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("url", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("areas", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("quiet_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('active', 'paused', 'disabled')", name="subscription_state"),
        sa.CheckConstraint("(url IS NULL) = (secret IS NULL)", name="subscription_secret"),
        sa.PrimaryKeyConstraint("subscription_id"),
        sa.UniqueConstraint("department", "name", name="subscription_named_once"),
    )
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), server_default=sa.text("'due'"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('due', 'delivered', 'parked')", name="delivery_state"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.subscription_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id"),
        sa.UniqueConstraint("subscription_id", "entry_id", name="delivery_planned_once"),
    )
    op.create_index(
        "delivery_again",
        "delivery",
        ["subscription_id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due' AND tries > 0"),
    )
    op.create_index(
        "delivery_first",
        "delivery",
        ["subscription_id", "position"],
        unique=False,
        postgresql_where=sa.text("state = 'due' AND tries = 0"),
    )
    op.create_index("delivery_listed", "delivery", ["subscription_id", "delivery_id"], unique=False)
    op.create_index(
        "delivery_settled", "delivery", ["settled_at"], unique=False, postgresql_where=sa.text("state = 'delivered'")
    )
    op.create_table(
        "delivery_attempt",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.delivery_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id", "attempt"),
    )


def downgrade() -> None:
    op.drop_table("delivery_attempt")
    op.drop_index("delivery_settled", table_name="delivery", postgresql_where=sa.text("state = 'delivered'"))
    op.drop_index("delivery_listed", table_name="delivery")
    op.drop_index("delivery_first", table_name="delivery", postgresql_where=sa.text("state = 'due' AND tries = 0"))
    op.drop_index("delivery_again", table_name="delivery", postgresql_where=sa.text("state = 'due' AND tries > 0"))
    op.drop_table("delivery")
    op.drop_table("subscription")
