"""Rows of signings. Only `signed-here` is about a person; it goes with whatever else is theirs."""

from __future__ import annotations

from volenti.vault.rowkind import RowKind

KINDS = (
    RowKind(
        "signing",
        called="signing session",
        listed="volenti signing list",
        begun_by=("signing-opened", lambda said: str(said["signing"])),
    ),
    # Sealed under a key that only the browser has: neither the controller nor anybody else can read it.
    RowKind("signing-draft", listed="volenti signing list"),
    RowKind(
        "signed-here",
        words="by which link they signed",
        listed="volenti signing list",
        kept="as long as the release that was signed",
    ),
)
