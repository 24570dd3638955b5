"""Kinds of rows of the catalogue: works and portraits. `catalogue.ledger` says whose each row is."""

from __future__ import annotations

from volenti.vault.rowkind import Mirrored, RowKind

_WITH_THEM = "until somebody whom it is about is erased"

KINDS = (
    RowKind(
        "work",
        words="records of synthetic pictures refused as too near to them",
        listed="volenti work list",
        kept=_WITH_THEM,
    ),
    RowKind(
        "portrait",
        words="measurements of synthetic pictures refused as too near to them",
        kept=_WITH_THEM,
    ),
    RowKind("drawer", words="records of what drew synthetic pictures", kept=_WITH_THEM),
    RowKind(
        "learned",
        words="records that what drew synthetic pictures had learned from them",
        kept=_WITH_THEM,
    ),
    #: Written by earlier versions; these rows are deleted when works are next read.
    RowKind(
        "likeness", words="likeness checks of synthetic pictures", kept="deleted when works are next read"
    ),
    RowKind("knew", mirrored=Mirrored.ALL),
)
