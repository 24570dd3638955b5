"""Kinds of rows: deliveries, what was called back of them, and what recipients acknowledged."""

from __future__ import annotations

from volenti.vault.rowkind import RowKind

KINDS = (
    RowKind(
        "delivery",
        listed="volenti feed list",
        begun_by=("dataset-exported", lambda said: str(said["delivery"])),
    ),
    RowKind("deletion", listed="volenti feed list"),
    RowKind("acknowledgement", listed="volenti feed list"),
    RowKind("recall"),
)

#: The holders that the package's services announce.
HOLDERS = ("deliveries",)
