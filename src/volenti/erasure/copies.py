"""Copies: the second copies of a workspace that are on record, its backups and its mirror."""

from __future__ import annotations

from volenti.core.identifiers import new
from volenti.vault.owner import CONTROLLER
from volenti.vault.records import Records

#: The row that says where the mirror is; nobody's.
_MIRROR = ("mirror", "place")


class Copies:
    """Backups that were made, and the mirror."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def keep_backup(self, *, made: str, place: str, files: int, size: int) -> None:
        """Put a backup on record. Where it lies is the controller's business."""
        body = {"made": made, "place": place, "files": files, "bytes": size}
        self._records.put("backup", new("bak"), body, owners=(CONTROLLER,))

    def backups(self) -> list[str]:
        """When the backups that are known were made, oldest first."""
        return sorted(each.body["made"] for each in self._records.find("backup"))

    def keep_mirror(self, place: str | None) -> None:
        """Put on record where the mirror is; None: the workspace has none.

        Whoever opens the workspace compares this with what its marker file says (`stores.check_mirror`).
        """
        self._records.put(*_MIRROR, {"place": place})

    @property
    def has_said(self) -> bool:
        """Whether anything is on record of a mirror."""
        return self._records.row(*_MIRROR) is not None

    @property
    def mirror(self) -> str | None:
        """Where the mirror is, as it is on record."""
        known = self._records.get(*_MIRROR)
        return None if known is None else known.body["place"]
