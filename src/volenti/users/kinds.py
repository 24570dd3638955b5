"""Rows of users and of other systems that use the workspace."""

from __future__ import annotations

from volenti.core.canonical import Json
from volenti.vault.records import Record
from volenti.vault.rowkind import RowKind


def _answered(record: Record, subject: str) -> Json:
    """What another system was told; the digests by which the call is recognised are the program's own."""
    return {name: record.body[name] for name in ("status", "body") if name in record.body}


KINDS = (
    RowKind(
        "user",
        listed="volenti user list",
        begun_by=("user-added", lambda said: str(said["user"])),
        ended_by=("user-removed", lambda said: str(said["user"])),
    ),
    RowKind("user-session", listed="volenti user list"),
    RowKind("user-link", listed="volenti user list"),
    RowKind(
        "api-token",
        listed="volenti token list",
        begun_by=("api-token-added", lambda said: str(said["token"])),
        ended_by=("api-token-removed", lambda said: str(said["token"])),
    ),
    # The one kind here that can be about somebody who was photographed: what another system was told of them.
    RowKind(
        "api-answer",
        words="answers that were given to other systems",
        listed="volenti token list",
        shown=_answered,
        kept="a day",
    ),
    RowKind("user-factor", called="factor", listed="volenti user factors LOGIN"),
    RowKind("user-challenge", listed="volenti user list"),
    RowKind("user-rule", listed="volenti user demand"),
    RowKind("attempts", listed="volenti user list"),
)
