"""Kinds of rows: certificates, and which second copies of the workspace are on record."""

from __future__ import annotations

from volenti.vault.rowkind import Mirrored, RowKind

KINDS = (
    RowKind("certificate", listed="volenti request list", mirrored=Mirrored.ALL),
    RowKind("backup"),
    RowKind("mirror"),
)
