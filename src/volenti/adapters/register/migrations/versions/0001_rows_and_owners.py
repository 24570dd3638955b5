"""Rows and owners: the whole register."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NAME = sa.String(96).with_variant(sa.String(96, collation="C"), "postgresql")
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APART = sa.text("parent <> '' AND substr(id, 1, length(parent) + 1) <> parent || '/'")


def upgrade() -> None:
    """Make the tables `rows` and `owners`, with their indexes."""
    op.create_table(
        "rows",
        sa.Column("seq", COUNT, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("parent", NAME, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("owners", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("rows_by_id", "rows", ["id", "kind"], unique=True)
    op.create_index("rows_by_state", "rows", ["kind", "state", "position", "seq"])
    op.create_index(
        "rows_apart", "rows", ["kind", "parent", "id"], sqlite_where=APART, postgresql_where=APART
    )
    op.create_table(
        "owners",
        sa.Column("owner", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("id", NAME, primary_key=True),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop both tables, with everything in them."""
    op.drop_table("owners")
    op.drop_table("rows")
