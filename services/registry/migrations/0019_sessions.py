"""People log in on the registry's pages: codes, sessions, tries. Only new tables."""

import sqlalchemy as sa
from alembic import op

revision = "e753bdd99857"
down_revision = "89d836a751b7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of shared/sessions."""
    op.create_table(
        "login_attempt",
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    for table in ("login_code", "login_session"):
        op.create_table(
            table,
            sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
            sa.Column("subject", sa.String(), nullable=False),
            sa.Column("department", sa.String(), nullable=True),
            sa.Column("purpose", sa.String(), nullable=True),
            sa.Column("facility", sa.String(), nullable=True),
            sa.Column("roles", sa.ARRAY(sa.String()), nullable=False),
            sa.Column("areas", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
            sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint("fingerprint"),
        )
    op.create_index("login_session_end", "login_session", ["expires_at"], unique=False)


def downgrade() -> None:
    """Remove them; everybody is signed out."""
    for table in ("login_session", "login_code", "login_attempt"):
        op.drop_table(table)
