"""Rows of letters: what is to be sent to somebody, and afterwards that it was."""

from __future__ import annotations

from volenti.vault.rowkind import RowKind, whole

KINDS = (
    RowKind(
        "letter",
        words="letters to the person",
        shown=whole,
        listed="volenti letter list",
        kept="that it was sent, until who got it is erased; what it says, until it is sent",
    ),
)

#: The holder that the package's service announces.
HOLDERS = ("letters",)
