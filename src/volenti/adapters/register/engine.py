"""Opening, configuring and migrating the database under the register, and wording its failures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import DBAPIError

from volenti.adapters.register.reading import REVISION, in_words
from volenti.adapters.register.writing import PRAGMAS

#: What `PRAGMA auto_vacuum` answers in the mode that is wanted.
_INCREMENTAL = 2


def open_engine(url: str) -> sql.Engine:
    """Open a database, migrated to the newest schema."""
    options: dict[str, Any] = {}
    if url == "sqlite://":
        options["poolclass"] = sql.StaticPool
    engine = sql.create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        sql.event.listen(engine, "connect", _configure_sqlite)
        sql.event.listen(engine, "begin", _begin_immediate)
    _migrate(engine)
    return engine


def alone(engine: sql.Engine) -> sql.Connection:
    """A connection outside of any transaction."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _migrate(engine: sql.Engine) -> None:
    with failures(), alone(engine) as connection:
        if sql.inspect(connection).has_table("alembic_version"):
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            if found == REVISION:
                return
    # Imported here: it takes a tenth of a second, and only a new or older database needs it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with failures(), engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _configure_sqlite(connection: Any, _record: object) -> None:
    # SQLAlchemy's "begin" event below starts transactions; sqlite3 must not do so on its own.
    connection.isolation_level = None
    # Set first, because every later statement may have to wait for another process.
    connection.execute("PRAGMA busy_timeout=30000")
    # This has an effect only before there is a table. Later it would change nothing, but would wait for
    # any process that is writing.
    if connection.execute("PRAGMA auto_vacuum").fetchone()[0] != _INCREMENTAL:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: sql.Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def failures() -> Iterator[None]:
    """Raise the database's errors as the project's."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise in_words(getattr(error, "orig", None) or error) from error
