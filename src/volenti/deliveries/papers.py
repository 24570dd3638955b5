"""Papers: the card, the terms and the checksums of an export, kept true while samples are taken out of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from volenti.deliveries.card import CARD
from volenti.deliveries.checksums import Checksums
from volenti.deliveries.delivery import note_file
from volenti.deliveries.ports import Delivered
from volenti.deliveries.terms import DeliveryTerms, terms_file


class Papers:
    """What lies beside the samples of one export.

    Exports of earlier versions have the terms alone, or nothing. A card or terms that somebody else changed
    are left as they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sums = Checksums.read(folder)
        self._card, self._terms = folder / CARD, terms_file(folder)
        written = [each for each in (self._card, self._terms) if each.exists()]
        self._ours = [each for each in written if self._sums is None or self._sums.is_as_delivered(each)]
        #: Which of them aren't as they were delivered, by name.
        self.changed_by_others = [each.name for each in written if each not in self._ours]

    def begin(self, changing: Iterable[Path]) -> None:
        """Take the checksums of files that are going to change off the list; the call before any change."""
        if self._sums is not None:
            self._sums.begin([*changing, *self._ours, note_file(self._folder)])

    def bring_up_to_date(self, left: Collection[Delivered]) -> None:
        """Have terms and card count the samples that are left."""
        terms = DeliveryTerms.read(self._folder)
        if terms is None:
            return
        terms = terms.counted(left)
        if self._terms in self._ours:
            terms.write(self._folder)
        if self._card in self._ours and self._sums is not None:
            terms.write_card(self._folder)

    def complete(self, files: Iterable[Path]) -> None:
        """List what was changed with its new checksums. files: those that hold samples."""
        if self._sums is not None:
            self._sums.complete([*files, *self._ours, note_file(self._folder)])
