"""Holders of clearance: pictures that wait, and pictures that don't lie in one person's own pack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from volenti.clearance.image import Image
from volenti.clearance.pictures import Pictures
from volenti.clearance.quarantine import Quarantine
from volenti.vault.blob import BlobRef
from volenti.vault.holder import Erased, Holding, Turn
from volenti.vault.service import Vault

if TYPE_CHECKING:
    from volenti.clearance.folder_erasure import FolderErasure


class QuarantineHolder:
    """Holds pictures in review that may show the subject, and names that their folders give to others'."""

    name = "review queue"
    turn = Turn.FINDING

    def __init__(self, quarantine: Quarantine, folders: FolderErasure) -> None:
        self._quarantine = quarantine
        self._folders = folders

    def locate(self, subject: str) -> list[Holding]:
        """Held pictures that may show the subject, and names that their folders give to others' pictures."""
        within = self._folders.within(subject)
        named = "names that their folders give to other pictures"
        return [
            *self.holdings(self._quarantine.mentions(subject)),
            *self.holdings(
                within.dropped, "held pictures in their folders, in which not everybody is recognised"
            ),
            *([Holding(self.name, named, within.named, 0, "delete")] if within.named else []),
        ]

    @classmethod
    def holdings(cls, held: Sequence[Image], what: str = "held pictures that may show them") -> list[Holding]:
        """What is said of held pictures that may show somebody. what: which these are, in words."""
        return [Holding(cls.name, what, len(held), _sealed_bytes(held), "unlink")] if held else []

    def erase(self, subject: str) -> Erased:
        """Drop those pictures and names; returns how many there were, and the bytes of the pictures."""
        within = self._folders.forget(subject)
        dropped = [*within.dropped, *self._quarantine.discard_mentions(subject)]
        return Erased(len(dropped) + within.named, _sealed_bytes(dropped))

    def attest(self, subject: str) -> int:
        """How many such pictures and names are left."""
        within = self._folders.within(subject)
        return len(self._quarantine.mentions(subject)) + len(within.dropped) + within.named


class SharedPackHolder:
    """Holds the subject's pictures with a pack of their own: of several people, or with strangers in them."""

    name = "group pictures"
    turn = Turn.FINDING

    def __init__(self, pictures: Pictures, vault: Vault) -> None:
        self._pictures = pictures
        self._vault = vault

    def locate(self, subject: str) -> list[Holding]:
        """Pictures of several people, and originals that are kept beside a copy without strangers."""
        shared, given = self._shared(subject), self._given(subject)
        told = (
            (shared, "pictures of several people"),
            (given, "pictures as they were given, with strangers"),
        )
        return [
            Holding(self.name, what, len(refs), sum(ref.location.length for ref in refs), "unlink")
            for refs, what in told
            if refs
        ]

    def erase(self, subject: str) -> Erased:
        """Unlink those pictures; returns how many there were, and their bytes."""
        refs = [*self._shared(subject), *self._given(subject)]
        return Erased(len(refs), sum(self._vault.discard(ref) for ref in refs))

    def attest(self, subject: str) -> int:
        """How many are left. Without the subject's key no row opens; `register` attests that none is left."""
        return len(self._shared(subject)) if self._vault.has_key(subject) else 0

    def _shared(self, subject: str) -> list[BlobRef]:
        owned = (each for each in self._pictures.of(subject) if each.is_shared)
        return [ref for each in owned for ref in (each.image.original, each.image.preview) if ref]

    def _given(self, subject: str) -> list[BlobRef]:
        """Originals of redacted pictures: they lie in quarantine, under a day's key, not the subject's."""
        return [each.image.unredacted for each in self._pictures.of(subject) if each.image.unredacted]


def _sealed_bytes(images: Iterable[Image]) -> int:
    return sum(image.original.location.length for image in images if image.original)
