"""The register's two tables in SQL, and the statements about rows that are made once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import sqlalchemy as sql

from volenti.vault.ports import Query, Row

#: Rows that are read, written or named together.
PAGE = 500
SCHEMA = sql.MetaData()

ROWS = sql.Table(
    "rows",
    SCHEMA,
    sql.Column("kind", sql.String(32), primary_key=True),
    sql.Column("id", sql.String(96), primary_key=True),
    sql.Column("state", sql.String(32), nullable=False),
    sql.Column("parent", sql.String(96), nullable=False),
    sql.Column("position", sql.BigInteger, nullable=False),
    sql.Column("owners", sql.Text, nullable=False),
    sql.Column("body", sql.LargeBinary, nullable=False),
    sql.Index("rows_by_state", "kind", "state", "position", "id"),
    sql.Index("rows_by_parent", "kind", "parent", "position", "id"),
    sql.Index("rows_in_order", "kind", "position", "id"),
)

OWNERS = sql.Table(
    "owners",
    SCHEMA,
    sql.Column("owner", sql.String(64), primary_key=True),
    sql.Column("kind", sql.String(32), primary_key=True),
    sql.Column("id", sql.String(96), primary_key=True),
    sql.Index("owners_by_row", "kind", "id"),
)

#: What lies in the clear.
CLEAR = sql.select(ROWS.c.kind, ROWS.c.id, ROWS.c.state, ROWS.c.parent, ROWS.c.position, ROWS.c.owners)
UPDATE = (
    sql.update(ROWS)
    .where(ROWS.c.kind == sql.bindparam("of"), ROWS.c.id == sql.bindparam("named"))
    .values(body=sql.bindparam("body"))
)
GET = sql.select(ROWS).where(ROWS.c.kind == sql.bindparam("kind"), ROWS.c.id == sql.bindparam("id"))

#: How each field of a query narrows the rows down.
_CONDITIONS: dict[str, sql.ColumnElement[bool]] = {
    "kind": ROWS.c.kind == sql.bindparam("kind"),
    "state": ROWS.c.state == sql.bindparam("state"),
    "parent": ROWS.c.parent == sql.bindparam("parent"),
    "below": ROWS.c.position < sql.bindparam("below"),
    "owner": ROWS.c.id.in_(
        sql.select(OWNERS.c.id).where(
            OWNERS.c.owner == sql.bindparam("owner"), OWNERS.c.kind == sql.bindparam("kind")
        )
    ),
}


def asked_of(query: Query) -> dict[str, Any]:
    """The fields given, by name."""
    given = {name: getattr(query, name) for name in _CONDITIONS}
    return {name: value for name, value in given.items() if value is not None}


def conditions(names: Iterable[str]) -> list[sql.ColumnElement[bool]]:
    return [_CONDITIONS[name] for name in sorted(names)]


@lru_cache
def page(what: tuple[Any, ...], names: frozenset[str], after: bool) -> sql.Select[Any]:
    """A page of what is asked for by these fields; made once, because making costs more than running."""
    page = sql.select(*what).where(*conditions(names))
    if after:
        # Compared as a pair, so that the index leads to the page's first row.
        here = sql.tuple_(ROWS.c.position, ROWS.c.id)
        page = page.where(here > sql.tuple_(sql.bindparam("after"), sql.bindparam("after_id")))
    return page.order_by(ROWS.c.position, ROWS.c.id).limit(PAGE)


def values_of(row: Row) -> dict[str, Any]:
    return {"kind": row.kind, "id": row.id, "state": row.state, "parent": row.parent,
            "position": row.position, "owners": "\n".join(row.owners), "body": row.body}  # fmt: skip


def clear_of(row: Row) -> tuple[Any, ...]:
    return (row.state, row.parent, row.position, "\n".join(row.owners))


def row_of(found: Any) -> Row:
    owners = tuple(found.owners.split("\n")) if found.owners else ()
    return Row(found.kind, found.id, bytes(found.body), owners, found.state, found.parent, found.position)
