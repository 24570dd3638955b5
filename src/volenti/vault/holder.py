"""Holder: a store that can hold a subject's data. What isn't a holder can't be wired.

Three verbs: `locate` says what there is, before anything is done; `erase` removes
it, and may be repeated; `attest` counts what is left, and works when the
subject's key is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from volenti.core.canonical import Json


@dataclass(frozen=True, slots=True)
class Holding:
    """What a holder has of a subject, in words a rights officer reads."""

    holder: str
    what: str
    items: int
    bytes: int
    action: str

    def to_json(self) -> Json:
        return {"holder": self.holder, "what": self.what, "items": self.items, "bytes": self.bytes,
                "action": self.action}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erase step did. `rewritten` counts bytes that had to be written anew for others."""

    items: int
    bytes: int
    rewritten: int = 0


class Holder(Protocol):
    """One store, seen from one subject."""

    @property
    def name(self) -> str: ...

    def locate(self, subject: str) -> list[Holding]: ...

    def erase(self, subject: str) -> Erased:
        """Idempotent. What is gone already counts as nothing."""
        ...

    def attest(self, subject: str) -> int:
        """How many things of the subject's are left; 0 is what everybody wants to see."""
        ...
