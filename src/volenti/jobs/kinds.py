"""Rows of jobs. They are the controller's; what one says about somebody goes with them (`jobs.holder`)."""

from __future__ import annotations

from volenti.vault.rowkind import RowKind

KINDS = (
    RowKind(
        "job",
        listed="volenti job list",
        kept="the last hundred that are over; their arguments until they are over",
    ),
)

#: The holder that the package's service announces.
HOLDERS = ("jobs",)
