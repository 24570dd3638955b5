"""Kinds of rows: requests, and what a law demands to keep."""

from __future__ import annotations

from volenti.vault.rowkind import Mirrored, RowKind

KINDS = (
    # While it names somebody it is sealed under a key of its own, so it isn't a row of that person's.
    RowKind("request", listed="volenti request list", mirrored=Mirrored.ALL),
    # They name a request, and nobody; a copy opens with the link alone.
    RowKind("request-link", listed="volenti request list"),
    RowKind("request-copy", listed="volenti request list"),
    # Sealed under the inquiry's own key, which is destroyed once it is answered; the others name nobody.
    RowKind("inquiry", listed="volenti request inquiries"),
    RowKind("inquiry-photo", listed="volenti request inquiries"),
    RowKind("inquiry-link", listed="volenti request inquiries"),
    RowKind("retained", listed="volenti request list"),
)
