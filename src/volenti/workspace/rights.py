"""Rights: works of third parties, whose copies aren't let in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import FailedCheckError
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.clearance.copysearch import FoundCopy
    from volenti.core.progress import Progress


class Rights(Noun):
    """Works of third parties, whose copies aren't let in."""

    def register(self, paths: Sequence[Path | str], *, progress: Progress | None = None) -> int:
        """Register pictures of other owners, so that copies of them are kept out; returns how many are new.

        paths: files, or folders with everything in them. A fingerprint of some 50 kB is kept of each.
        Raises FailedCheckError that names files that aren't pictures, once the others are registered.

        Example:
            ws.rights.register(["agency-previews"])
        """
        read = self._parts.works.read([Path(path) for path in paths], progress)
        if read.unreadable:
            named = ", ".join(read.unreadable[:5]) + (" and more" if len(read.unreadable) > 5 else "")
            raise FailedCheckError(
                f"{len(read.unreadable)} files can't be read as pictures: {named}. "
                f"{read.new} others are new.",
                "Give them as ordinary JPEG or PNG, or leave them out.",
            )
        return read.new

    def search(self, *, dry_run: bool = False, progress: Progress | None = None) -> list[FoundCopy]:
        """Look for copies of works registered since among the pictures that were judged before.

        What resembles a work is judged again. dry_run: say only what would be decided.

        Example:
            ws.rights.search(dry_run=True)
        """
        return list(self._parts.copies.run(progress, dry_run=dry_run))
