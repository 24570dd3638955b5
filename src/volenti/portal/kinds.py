"""Rows of the portal. Each is owned by the person that it is about, and goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.vault.rowkind import RowKind

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.vault.records import Record


def _times(record: Record, subject: str) -> Json:
    """When it was made and used; not what lets somebody in."""
    return {name: said for name, said in record.body.items() if name in ("made", "begun", "seen")}


KINDS = (
    RowKind(
        "portal-link",
        words="their personal link to what is theirs",
        shown=_times,
        listed="volenti subject list",
        kept="until they are given another one",
    ),
    RowKind(
        "portal-code",
        words="the one-time code that was sent to them last",
        shown=_times,
        listed="volenti subject list",
        kept="until it was used, or the next one is made",
    ),
    RowKind(
        "portal-session",
        words="in which browser they opened their personal link",
        shown=_times,
        listed="volenti subject list",
        kept="until it ends, after twelve hours at the latest",
    ),
)
