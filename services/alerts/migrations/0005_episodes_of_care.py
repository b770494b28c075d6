"""Episodes of care, consents, care contacts and their outcomes. Only new tables."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    """The tables of episodes and contacts."""
    op.create_table(
        "episode",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_index", sa.LargeBinary(), nullable=True),
        sa.Column("awaits", sa.LargeBinary(), nullable=True),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("consent_until", sa.Date(), nullable=True),
        sa.Column("next_look_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("kind IN ('maternal', 'child', 'transfer', 'entitlement')", name="episode_kind"),
        sa.CheckConstraint("state IN ('active', 'paused', 'ended')", name="episode_state"),
        sa.PrimaryKeyConstraint("episode_id"),
    )
    some = {"person_index": "episode_of_person", "awaits": "episode_awaits"}
    for column, index in some.items():
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(index, "episode", [column], unique=False, postgresql_where=where)
    op.create_index(
        "episode_look",
        "episode",
        ["next_look_on", "episode_id"],
        unique=False,
        postgresql_where=sa.text("next_look_on IS NOT NULL"),
    )
    op.create_index("episode_of_facility", "episode", ["facility", "episode_id"], unique=False)
    op.create_table(
        "episode_consent",
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'given', 'changed', 'withdrawn', 'expired')", name="episode_consent_state"
        ),
        sa.PrimaryKeyConstraint("consent_id"),
    )
    op.create_index("episode_consent_step", "episode_consent", ["episode_id", "revision"], unique=True)
    op.create_table(
        "care_contact",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("facility", sa.String(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("step", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_change_on", sa.Date(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("state IN ('planned', 'open', 'overdue', 'missed', 'closed')", name="care_contact_state"),
        sa.CheckConstraint("opens_on <= due_on AND due_on <= closes_on", name="care_contact_window"),
        sa.PrimaryKeyConstraint("contact_id"),
    )
    op.create_index(
        "care_contact_due",
        "care_contact",
        ["next_change_on", "contact_id"],
        unique=False,
        postgresql_where=sa.text("next_change_on IS NOT NULL"),
    )
    op.create_index(
        "care_contact_worklist",
        "care_contact",
        ["facility", "state", "due_on", "contact_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('planned', 'open', 'overdue')"),
    )
    op.create_index("care_contact_of_episode", "care_contact", ["episode_id"], unique=False)
    op.create_table(
        "care_outcome",
        sa.Column("outcome_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("outcome_id"),
    )
    op.create_index(
        "care_outcome_standing",
        "care_outcome",
        ["contact_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index("care_outcome_of_episode", "care_outcome", ["episode_id"], unique=False)


def downgrade() -> None:
    """Remove them, and with them everything about care."""
    for table in ("care_outcome", "care_contact", "episode_consent", "episode"):
        op.drop_table(table)
