"""What look-ups gave, until the exchange is told. Only a new table."""

import sqlalchemy as sa
from alembic import op

revision = "5af36206fa51"
down_revision = "240c7a877adc"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "look_up_given",
        sa.Column("given_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("folded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("given_id"),
    )


def downgrade() -> None:
    op.drop_table("look_up_given")
