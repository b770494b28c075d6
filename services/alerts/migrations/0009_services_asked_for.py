"""The words of the registry that matter for ever; what life events ask of a worker; help that a person asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# What was taken over before words were kept, as if it had been said before everything else.
SAID_BEFORE = """
INSERT INTO directory_word (told_at, told_position, saying, names)
SELECT 'epoch', row_number() OVER (ORDER BY saying DESC, reference), saying, names FROM (
  SELECT reference, 'merged' AS saying, ARRAY[reference, merged_into] AS names
    FROM directory_person WHERE merged_into IS NOT NULL
   UNION ALL
  SELECT reference, 'died', ARRAY[reference] FROM directory_person WHERE ever_died) AS before
"""


def upgrade() -> None:
    """Keep what was said so far."""
    op.create_table(
        "directory_word",
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("saying", sa.String(), nullable=False),
        sa.Column("names", sa.ARRAY(sa.String()), nullable=False),
        sa.CheckConstraint("saying IN ('died', 'unknown', 'merged', 'split')", name="directory_word_saying"),
        sa.PrimaryKeyConstraint("told_at", "told_position"),
    )
    op.create_index("directory_word_names", "directory_word", ["names"], unique=False, postgresql_using="gin")
    op.execute(SAID_BEFORE)
    op.create_table(
        "episode_life",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("episode_id"),
    )
    op.create_index("episode_life_asks", "episode_life", ["episode_id"], unique=False, postgresql_where=sa.text("asks"))
    op.create_table(
        "episode_kin",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("person_index", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("episode_id", "person_index"),
    )
    op.create_index("episode_kin_person", "episode_kin", ["person_index"], unique=False)


def downgrade() -> None:
    """Remove them."""
    for table in ("episode_kin", "episode_life", "directory_word"):
        op.drop_table(table)
