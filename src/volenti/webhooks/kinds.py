"""Rows of webhooks. None is about a person who was photographed."""

from __future__ import annotations

from volenti.vault.rowkind import RowKind

KINDS = (
    RowKind(
        "webhook",
        listed="volenti webhook list",
        begun_by=("webhook-added", lambda said: str(said["webhook"])),
        ended_by=("webhook-removed", lambda said: str(said["webhook"])),
    ),
)
