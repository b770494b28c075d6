"""Contradictions between facts, and halves of moves without the other one."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "24cf0cea979f"
down_revision = "e181aa67456a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contradiction",
        sa.Column("contradiction_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("departments", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explained_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("explanation", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("contradiction_id"),
    )
    op.create_index("contradiction_by_person", "contradiction", ["person_id"])
    op.create_index(
        "contradiction_standing",
        "contradiction",
        ["contradiction_id"],
        postgresql_where=sa.text("gone_at IS NULL"),
    )
    op.create_table(
        "family_to_judge",
        sa.Column("asked_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("asked_id"),
    )
    op.create_table(
        "half_move",
        sa.Column("move_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("half", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("area", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("permit", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("move_id"),
    )
    op.create_index("half_move_by_person", "half_move", ["person_id"])
    op.create_index("half_move_by_age", "half_move", ["since", "move_id"])
    op.create_table(
        "household_named",
        sa.Column("household_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("household_number", "person_id"),
    )


def downgrade() -> None:
    op.drop_table("household_named")
    op.drop_table("half_move")
    op.drop_table("family_to_judge")
    op.drop_table("contradiction")
