"""Rows of users. None is about a person who was photographed."""

from __future__ import annotations

from volenti.vault.rowkind import RowKind

KINDS = (
    RowKind(
        "user",
        listed="volenti user list",
        begun_by=("user-added", lambda said: str(said["user"])),
        ended_by=("user-removed", lambda said: str(said["user"])),
    ),
    RowKind("user-session", listed="volenti user list"),
    RowKind("user-link", listed="volenti user list"),
    RowKind("user-factor", called="factor", listed="volenti user factors LOGIN"),
    RowKind("user-challenge", listed="volenti user list"),
    RowKind("user-rule", listed="volenti user demand"),
    RowKind("attempts", listed="volenti user list"),
)
