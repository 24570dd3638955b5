"""Rows of requests, and of what a law demands to keep."""

from __future__ import annotations

from volenti.vault.rowkind import Mirrored, RowKind

KINDS = (
    # Sealed under a key of its own while it names somebody: no row of that person's.
    RowKind("request", listed="volenti request list", mirrored=Mirrored.ALL),
    RowKind("retained", listed="volenti request list"),
)
