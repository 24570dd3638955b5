"""Rows and owners: the whole register."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "rows",
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("parent", sa.String(96), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("owners", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("rows_by_state", "rows", ["kind", "state", "position", "id"])
    op.create_index("rows_by_parent", "rows", ["kind", "parent", "position", "id"])
    op.create_index("rows_in_order", "rows", ["kind", "position", "id"])
    op.create_table(
        "owners",
        sa.Column("owner", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("id", sa.String(96), primary_key=True),
    )
    op.create_index("owners_by_row", "owners", ["kind", "id"])


def downgrade() -> None:
    op.drop_table("owners")
    op.drop_table("rows")
