"""Links decided by clerks, and reviews."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "da19efe8787a"
down_revision = "7b20c8e4f913"
branch_labels = None
depends_on = None

OPEN = sa.text("standing = 'open'")
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "review",
        sa.Column("review_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("standing", sqlmodel.sql.sqltypes.AutoString(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("receipt", sa.Uuid(), nullable=True),
        sa.Column("one", sa.Uuid(), nullable=True),
        sa.Column("other", sa.Uuid(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("explanation", sa.LargeBinary(), nullable=True),
        sa.Column("asked_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["one"], ["person.person_id"]),
        sa.ForeignKeyConstraint(["other"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_index("review_of_held", "review", ["receipt"], unique=True, postgresql_where=OPEN)
    op.create_index("review_of_pair", "review", ["one", "other", "kind"], unique=True, postgresql_where=OPEN)
    op.create_index("review_by_other", "review", ["other"], unique=False, postgresql_where=OPEN)
    op.create_index("review_by_standing", "review", ["standing", "review_id"], unique=False)
    op.create_table(
        "held_number",
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("blind_index", "receipt"),
    )
    op.create_index("held_number_of", "held_number", ["receipt"], unique=False)
    op.create_table(
        "link_decision",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("department", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("weights", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index("link_decision_of_review", "link_decision", ["review_id"], unique=False)
    op.create_table(
        "decided_record",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("numbers", sa.ARRAY(sa.LargeBinary()), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["link_decision.decision_id"]),
        sa.PrimaryKeyConstraint("decision_id", "source", "id", "role"),
    )
    op.create_index("decided_record_named", "decided_record", ["source", "id", "role"], unique=False)
    op.create_index("decided_record_numbers", "decided_record", ["numbers"], unique=False, postgresql_using="gin")
    op.create_table(
        "person_alias",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("into_person", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cases", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.ForeignKeyConstraint(["into_person"], ["person.person_id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("person_id", "since"),
    )
    op.create_index("person_alias_into", "person_alias", ["into_person"], unique=False)
    # Until now a link moved only in a merge, and a merge moved all of them. Cases that moved then are known no more.
    op.execute(
        "INSERT INTO person_alias (person_id, since, into_person, cases)"
        " SELECT DISTINCT ON (from_person) from_person, recorded_at, to_person, '{}'::uuid[] FROM relink"
        " ORDER BY from_person, recorded_at DESC"
    )
    op.create_table(
        "to_compare",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index("to_compare_queued", "to_compare", ["queued_at"], unique=False)


def downgrade() -> None:
    op.drop_table("to_compare")
    op.drop_table("person_alias")
    op.drop_table("decided_record")
    op.drop_table("link_decision")
    op.drop_table("held_number")
    op.drop_table("review")
