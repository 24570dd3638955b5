"""Copies: which second copies of a workspace are on record: its backups and its mirror."""

from __future__ import annotations

from volenti.core.identifiers import new
from volenti.vault.owner import CONTROLLER
from volenti.vault.records import Records

#: The row that says where the mirror is; it is about nobody.
_MIRROR = ("mirror", "place")


class Copies:
    """Puts backups and the mirror on record, and says what is on record of them."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def keep_backup(self, *, made: str, place: str, files: int, size: int) -> None:
        """Put a backup on record, readable by the controller alone. made: when; size: in bytes."""
        body = {"made": made, "place": place, "files": files, "bytes": size}
        self._records.put("backup", new("bak"), body, owners=(CONTROLLER,))

    def backups(self) -> list[str]:
        """When the backups on record were made, oldest first."""
        return sorted(each.body["made"] for each in self._records.find("backup"))

    def keep_mirror(self, place: str | None) -> None:
        """Put on record where the mirror is; None: the workspace has none.

        When a workspace is opened, this is compared with what its marker file says (`stores.check_mirror`).
        """
        self._records.put(*_MIRROR, {"place": place})

    @property
    def has_said(self) -> bool:
        """Whether it is on record where the mirror is, or that there is none."""
        return self._records.row(*_MIRROR) is not None

    @property
    def mirror(self) -> str | None:
        """Where the mirror is, as the record says; None where there is none."""
        known = self._records.get(*_MIRROR)
        return None if known is None else known.body["place"]
