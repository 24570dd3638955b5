"""Importing tables of people and their releases, with headings that the workspace remembers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import UsageError
from volenti.workspace.given import signing_key

if TYPE_CHECKING:
    from volenti.consent.importreport import ImportReport
    from volenti.core.canonical import Json
    from volenti.core.signing import SigningKey
    from volenti.wiring.parts import Parts


def import_table(
    parts: Parts,
    file: Path | str,
    *,
    columns: Json | None,
    dates: str,
    encoding: str,
    key: SigningKey | Path | str | None,
    another_person: bool,
    after_erasure: bool,
    accept_reference: bool,
    dry_run: bool,
) -> ImportReport:
    """Import a file of releases (`consent.importing.import_file`).

    columns: headings beside those that were remembered; remembered, too, unless this is a dry run.
    """
    from volenti.consent.columns import BY_NAME
    from volenti.consent.headings import Notation
    from volenti.consent.importing import import_file
    from volenti.consent.permissions import Permissions
    from volenti.core.files import write_atomically
    from volenti.folder import COLUMNS

    place = parts.path / COLUMNS
    known = {**_remembered(place), **{str(name): str(column) for name, column in (columns or {}).items()}}
    notation = Notation(known, dates, encoding).checked(BY_NAME)
    officer = None if key is None else signing_key(key)
    permissions = Permissions(officer, another_person, after_erasure, accept_reference)
    report = import_file(
        parts.consent, Path(file), notation=notation, permissions=permissions, dry_run=dry_run
    )
    if columns and not dry_run:
        write_atomically(place, json.dumps(known, indent=1, ensure_ascii=False).encode() + b"\n")
    return report


def _remembered(place: Path) -> dict[str, str]:
    """The column of each heading that was given before."""
    try:
        found = json.loads(place.read_text("utf-8"))
        return {str(heading): str(column) for heading, column in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise UsageError(
            f"{place.name} in the workspace can't be read.", "Correct it, or remove it and give --map again."
        ) from error
