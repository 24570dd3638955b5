"""Rows of the vault: events and where they begin."""

from __future__ import annotations

from volenti.vault.rowkind import RowKind

KINDS = (
    RowKind(
        "event",
        words="openings of log entries",
        listed="volenti log show",
        kept="emptied when who they are about is erased; that there was an entry stays",
    ),
    RowKind("journal"),
)

#: The holders that the package's services announce.
HOLDERS = ("register", "key", "photographs")
