"""Registers that are sent over HTTP to be imported. New tables; an import may be cancelled, and then the same file may
be imported anew."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c1f0a7d2b963"
down_revision = "30b4a2a4b93b"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_constraint("register_import_standing", "register_import")
    op.create_check_constraint(
        "register_import_standing", "register_import", "standing IN ('running', 'done', 'cancelled')"
    )
    op.drop_constraint("register_import_once", "register_import")
    op.create_index(
        "register_import_once",
        "register_import",
        ["digest"],
        unique=True,
        postgresql_where=sa.text("standing <> 'cancelled'"),
    )
    op.add_column("import_chunk", sa.Column("faulty", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.execute("UPDATE import_chunk SET faulty = jsonb_array_length(faults)")
    op.create_table(
        "register_upload",
        sa.Column("upload_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("asked_by", TEXT(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("format", TEXT(), nullable=False),
        sa.Column("mapping", sa.LargeBinary(), nullable=True),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("standing", TEXT(), nullable=False),
        sa.Column("cancelling", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("size", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("furthest", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("takings", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("faults", postgresql.JSONB(), nullable=True),
        sa.Column("faults_met", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("why_en", TEXT(), nullable=True),
        sa.Column("why_zh", TEXT(), nullable=True),
        sa.Column("resumed_by", TEXT(), nullable=True),
        sa.Column("cancelled_by", TEXT(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("format IN ('csv', 'parquet')", name="register_upload_format"),
        sa.CheckConstraint(
            "standing IN ('awaiting-file', 'waiting', 'running', 'stopped', 'refused', 'cancelled', 'done')",
            name="register_upload_standing",
        ),
        sa.ForeignKeyConstraint(["import_id"], ["register_import.import_id"]),
        sa.PrimaryKeyConstraint("upload_id"),
    )
    op.create_table(
        "upload_piece",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["register_upload.upload_id"]),
        sa.PrimaryKeyConstraint("upload_id", "attempt", "number"),
    )


def downgrade() -> None:
    op.drop_table("upload_piece")
    op.drop_table("register_upload")
    op.drop_column("import_chunk", "faulty")
    op.execute(
        "DELETE FROM import_chunk /* removes */ USING register_import i WHERE i.import_id = import_chunk.import_id AND i.standing = 'cancelled'"
    )
    op.execute("DELETE FROM register_import /* removes */ WHERE standing = 'cancelled'")
    op.drop_index("register_import_once", "register_import")
    op.create_unique_constraint("register_import_once", "register_import", ["digest"])
    op.drop_constraint("register_import_standing", "register_import")
    op.create_check_constraint("register_import_standing", "register_import", "standing IN ('running', 'done')")
