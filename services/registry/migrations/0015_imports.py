"""Imports of existing registers. Only new tables."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "8980b4cb1996"
down_revision = "b4a5fa8b9b65"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "register_import",
        sa.Column("import_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("file_name", TEXT(), nullable=False),
        sa.Column("source", TEXT(), nullable=False),
        sa.Column("rows_in_chunk", sa.Integer(), nullable=False),
        sa.Column("standing", TEXT(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_behind", sa.Uuid(), nullable=True),
        sa.CheckConstraint("standing IN ('running', 'done')", name="register_import_standing"),
        sa.PrimaryKeyConstraint("import_id"),
        sa.UniqueConstraint("digest", name="register_import_once"),
    )
    op.create_table(
        "import_chunk",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("chunk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("folded", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("faults", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["register_import.import_id"]),
        sa.PrimaryKeyConstraint("import_id", "chunk"),
    )


def downgrade() -> None:
    op.drop_table("import_chunk")
    op.drop_table("register_import")
