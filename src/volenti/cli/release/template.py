"""volenti release template: the form that releases are brought in by."""

from __future__ import annotations

from volenti.cli.terminal.imports import AsExample, Columns, say_template


def template(columns: Columns = False, as_json: AsExample = False) -> None:
    """Print an empty file for bringing in people with their releases.

    A CSV header, one row a release; or, with --json, one example entry. Both go to
    `volenti release import`; docs/how-to/import-releases.md tells the whole way.

    \b
    Examples:
      volenti release template > people.csv
      volenti release template --columns
      volenti release template --json > people.json
    """
    say_template(columns=columns, as_json=as_json)
