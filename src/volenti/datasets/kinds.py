"""Rows of datasets: snapshots, their entries and commitments."""

from __future__ import annotations

from volenti.vault.rowkind import RowKind, whole

KINDS = (
    RowKind(
        "snapshot",
        listed="volenti dataset list",
        begun_by=("snapshot-cut", lambda said: f"{said['name']}@{said['version']}"),
    ),
    RowKind(
        "entry",
        words="rows of dataset manifests",
        shown=whole,
        listed="volenti dataset list",
        holder="manifests",
        kept="emptied when somebody in the picture is erased; place and number stay",
    ),
    RowKind("manifest"),
    RowKind(
        "left-out",
        words="notes that a dataset was cut without them",
        shown=whole,
        listed="volenti dataset show",
        kept="until the person is erased",
    ),
)

#: The holders that the package's services announce.
HOLDERS = ("manifests",)
