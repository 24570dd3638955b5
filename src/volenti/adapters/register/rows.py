"""The register's two tables in SQLAlchemy, and the statements that are built once.

An erasure costs as many pages as it touches, so rows that are erased together lie together. Table and index
of states follow the order in which rows were written, and a shoot's rows are written together. A row whose
identifier begins with its parent's is next to its parent in the index of identifiers; only other rows are in
the index of parents.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sql

from volenti.adapters.register import reading as reading
from volenti.vault.ports import Query, Row

#: How many rows one statement reads, writes or names.
PAGE = reading.PAGE
SCHEMA = sql.MetaData()
#: Identifiers are compared byte by byte, whatever the server's language.
_NAME = sql.String(96).with_variant(sql.String(96, collation="C"), "postgresql")
_COUNT = sql.BigInteger().with_variant(sql.Integer(), "sqlite")

ROWS = sql.Table(
    "rows",
    SCHEMA,
    sql.Column("seq", _COUNT, primary_key=True),
    sql.Column("kind", sql.String(32), nullable=False),
    sql.Column("id", _NAME, nullable=False),
    sql.Column("state", sql.String(32), nullable=False),
    sql.Column("parent", _NAME, nullable=False),
    sql.Column("position", sql.BigInteger, nullable=False),
    sql.Column("owners", sql.Text, nullable=False),
    sql.Column("body", sql.LargeBinary, nullable=False),
)
APART = sql.text(reading.APART)
sql.Index("rows_by_id", ROWS.c.id, ROWS.c.kind, unique=True)
sql.Index("rows_by_state", ROWS.c.kind, ROWS.c.state, ROWS.c.position, ROWS.c.seq)
sql.Index("rows_apart", ROWS.c.kind, ROWS.c.parent, ROWS.c.id, sqlite_where=APART)

OWNERS = sql.Table(
    "owners",
    SCHEMA,
    sql.Column("owner", sql.String(64), primary_key=True),
    sql.Column("kind", sql.String(32), primary_key=True),
    sql.Column("id", _NAME, primary_key=True),
    sqlite_with_rowid=False,
)

#: The columns that aren't encrypted.
CLEAR = sql.select(ROWS.c.kind, ROWS.c.id, ROWS.c.state, ROWS.c.parent, ROWS.c.position, ROWS.c.owners)
GET = sql.select(ROWS).where(ROWS.c.kind == sql.bindparam("kind"), ROWS.c.id == sql.bindparam("id"))
_ONE = (ROWS.c.kind == sql.bindparam("of"), ROWS.c.id == sql.bindparam("named"))
SEALED, PLACED = ("owners", "body"), ("state", "parent", "position")
#: Where only a row's owners and body change, no index is touched, which saves many pages.
RESEAL = sql.update(ROWS).where(*_ONE).values({name: sql.bindparam(name) for name in SEALED})
REPLACE = sql.update(ROWS).where(*_ONE).values({name: sql.bindparam(name) for name in SEALED + PLACED})
DISOWN = sql.delete(OWNERS).where(
    OWNERS.c.owner == sql.bindparam("whose"),
    OWNERS.c.kind == sql.bindparam("of"),
    OWNERS.c.id == sql.bindparam("named"),
)
#: Rows of one kind, by their identifiers.
_THESE = (ROWS.c.kind == sql.bindparam("kind"), ROWS.c.id.in_(sql.bindparam("ids", expanding=True)))
CLEAR_OF, DELETE = CLEAR.where(*_THESE), sql.delete(ROWS).where(*_THESE)
NEXT_KIND = sql.select(sql.func.min(ROWS.c.kind)).where(ROWS.c.kind > sql.bindparam("before"))
_OF_KIND = ROWS.c.kind == sql.bindparam("kind")
#: The same as an expression that is in no index, as in `reading`.
_BESIDE = ROWS.c.kind.concat(sql.literal_column("''")) == sql.bindparam("kind")
FIRST_STATE = sql.select(sql.func.min(ROWS.c.state)).where(_OF_KIND)
NEXT_STATE = FIRST_STATE.where(ROWS.c.state > sql.bindparam("before"))

#: A page of a kind's rows in the order of their identifiers.
BY_ID = (
    sql.select(ROWS)
    .where(ROWS.c.id > sql.bindparam("after"), _BESIDE)
    .order_by(ROWS.c.id)
    .limit(sql.bindparam("count"))
)

_JOINED = sql.and_(ROWS.c.id == OWNERS.c.id, ROWS.c.kind == OWNERS.c.kind)
_ORDERED = (ROWS.c.position, ROWS.c.seq)
#: How each walk finds its rows, and by what columns it orders them.
_WALKS: dict[str, tuple[sql.ColumnElement[bool], tuple[sql.ColumnElement[Any], ...]]] = {
    "state": (ROWS.c.state == sql.bindparam("state"), _ORDERED),
    "owner": (OWNERS.c.owner == sql.bindparam("owner"), (OWNERS.c.id,)),
    "under": (sql.and_(ROWS.c.id > sql.bindparam("first"), ROWS.c.id < sql.bindparam("end")), (ROWS.c.id,)),
    "apart": (sql.and_(ROWS.c.parent == sql.bindparam("parent"), APART), (ROWS.c.id,)),
}
#: Further conditions on rows.
_FILTERS: dict[str, sql.ColumnElement[bool]] = {
    "state": ROWS.c.state == sql.bindparam("state"),
    "parent": ROWS.c.parent == sql.bindparam("parent"),
    "below": ROWS.c.position < sql.bindparam("below"),
}


def asked_of(query: Query) -> dict[str, Any]:
    """The given fields of a query by name, and the identifiers between which its parent's rows lie."""
    given = {name: getattr(query, name) for name in ("kind", "owner", "state", "parent", "below")}
    if query.parent is not None:
        # '0' is the character after '/'.
        given |= {"first": f"{query.parent}/", "end": f"{query.parent}0"}
    return {name: value for name, value in given.items() if value is not None}


def key_of(walk: str, found: Any) -> dict[str, Any]:
    """The values that say after which row the next page begins."""
    return {"after": found.position, "after_seq": found.seq} if walk == "state" else {"after": found.id}


@lru_cache
def chosen(walk: str, names: frozenset[str], what: tuple[Any, ...]) -> sql.Select[Any]:
    """The statement for all rows of a walk, in no order. Built once: building costs more than running."""
    first, _ = _WALKS[walk]
    also = [_FILTERS[name] for name in sorted(_FILTERS.keys() & names) if name != walk]
    if walk == "owner":
        joined = ROWS.join(OWNERS, _JOINED)
        kind = OWNERS.c.kind == sql.bindparam("kind")
        return sql.select(*what).select_from(joined).where(first, kind, *also)
    of_kind = _BESIDE if walk == "under" else _OF_KIND
    return sql.select(*what).select_from(ROWS).where(of_kind, first, *also)


@lru_cache
def page(walk: str, names: frozenset[str], what: tuple[Any, ...], after: bool) -> sql.Select[Any]:
    """The statement for one page of a walk, in the walk's order."""
    _, order = _WALKS[walk]
    page = chosen(walk, names, what)
    if after:
        # The columns are compared as a pair, so that the index finds the page's first row.
        here: list[sql.BindParameter[Any]] = [sql.bindparam("after"), sql.bindparam("after_seq")][
            : len(order)
        ]
        page = page.where(sql.tuple_(*order) > sql.tuple_(*here))
    return page.order_by(*order).limit(PAGE)


@lru_cache
def last(names: frozenset[str]) -> sql.Select[Any]:
    """The statement for the last row of a walk by state."""
    backwards = [each.desc() for each in _ORDERED]
    return chosen("state", names, (ROWS,)).order_by(*backwards).limit(1)


def values_of(row: Row) -> dict[str, Any]:
    """The row's columns by name; its owners are one text, one owner per line."""
    return {
        "kind": row.kind,
        "id": row.id,
        "state": row.state,
        "parent": row.parent,
        "position": row.position,
        "owners": "\n".join(row.owners),
        "body": row.body,
    }


def split(owners: str) -> tuple[str, ...]:
    """The owners in a row's column."""
    return tuple(owners.split("\n")) if owners else ()


def row_of(found: Any) -> Row:
    """The `Row` for what a statement selected from `ROWS`, `owners` split and `body` as bytes."""
    owners, body = split(found.owners), bytes(found.body)
    return Row(found.kind, found.id, body, owners, found.state, found.parent, found.position, found.seq)
