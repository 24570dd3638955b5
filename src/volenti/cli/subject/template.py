"""volenti subject template: the form that people are brought in by."""

from __future__ import annotations

from volenti.cli.terminal.imports import AsExample, Columns, say_template


def template(columns: Columns = False, as_json: AsExample = False) -> None:
    """Print an empty file for bringing in people: they come with their releases.

    The same as `volenti release template`.

    \b
    Example:
      volenti subject template > people.csv
    """
    say_template(columns=columns, as_json=as_json)
