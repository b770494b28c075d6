"""How a facility's staff are told: secret addresses, webhooks, digests. Only new tables."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of channels."""
    op.create_table(
        "secret_address",
        sa.Column("address_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pulls", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("kind IN ('feed', 'calendar')", name="secret_address_kind"),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name="secret_address_language"),
        sa.PrimaryKeyConstraint("address_id"),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_index("secret_address_of_worker", "secret_address", ["facility", "subject", "address_id"], unique=False)
    op.create_table(
        "calendar_day",
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["secret_address.address_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("address_id", "day"),
    )
    op.create_table(
        "care_webhook",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("quiet_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('active', 'paused', 'disabled')", name="care_webhook_state"),
        sa.PrimaryKeyConstraint("subscription_id"),
        sa.UniqueConstraint("facility", "name", name="care_webhook_named_once"),
    )
    op.create_table(
        "care_delivery",
        sa.Column("delivery_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'due'"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('due', 'delivered', 'parked', 'withheld')", name="care_delivery_state"),
        sa.ForeignKeyConstraint(["subscription_id"], ["care_webhook.subscription_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id"),
        sa.UniqueConstraint("subscription_id", "entry_id", name="care_delivery_planned_once"),
    )
    op.create_index(
        "care_delivery_again",
        "care_delivery",
        ["subscription_id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due' AND tries > 0"),
    )
    op.create_index(
        "care_delivery_first",
        "care_delivery",
        ["subscription_id", "position"],
        unique=False,
        postgresql_where=sa.text("state = 'due' AND tries = 0"),
    )
    op.create_index("care_delivery_listed", "care_delivery", ["subscription_id", "delivery_id"], unique=False)
    op.create_index(
        "care_delivery_settled",
        "care_delivery",
        ["settled_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('delivered', 'withheld')"),
    )
    op.create_table(
        "care_delivery_attempt",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["care_delivery.delivery_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id", "attempt"),
    )
    op.create_table(
        "digest",
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("today", sa.Integer(), nullable=False),
        sa.Column("soon", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("facility", "day"),
    )


def downgrade() -> None:
    """Remove them."""
    for table in (
        "digest",
        "care_delivery_attempt",
        "care_delivery",
        "care_webhook",
        "calendar_day",
        "secret_address",
    ):
        op.drop_table(table)
