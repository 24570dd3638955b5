"""Releases: what each person agreed to, signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.consent.importing import ImportReport


class Releases(Noun):
    """What each person agreed to, signed."""

    def import_(self, file: Path | str, *, dry_run: bool = False) -> ImportReport:
        """Take in people with their signed releases and reference photographs, from CSV or JSON.

        Everything or nothing: a fault in one row keeps the file out, and the report names every fault.
        dry_run: only say what would happen. Raises UsageError where the file can't be read.

        Example:
            ws.releases.import_("people.csv", dry_run=True)
        """
        from volenti.consent.importing import import_file

        return import_file(self._parts.consent, Path(file), dry_run=dry_run)
