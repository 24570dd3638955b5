"""Holder of letters: files in the outbox, which lie there as they are to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.vault.holder import Erased, Holding, Turn

if TYPE_CHECKING:
    from volenti.letters.service import Letters


class LetterHolder:
    """Letters to the subject in the outbox."""

    name = "letters"
    turn = Turn.FINDING

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    def locate(self, subject: str) -> list[Holding]:
        """The letters to the subject in the outbox."""
        sizes = self._letters.in_outbox(subject)
        what, action = "letters in the outbox", "overwrite and unlink"
        return [Holding(self.name, what, len(sizes), sum(sizes), action)] if sizes else []

    def erase(self, subject: str) -> Erased:
        """Remove those, and the rows of letters that would put others there; returns how many there were."""
        sizes = self._letters.in_outbox(subject)
        self._letters.forget(subject)
        return Erased(len(sizes), sum(sizes))

    def attest(self, subject: str) -> int:
        """How many letters to the subject are left in the outbox."""
        return len(self._letters.in_outbox(subject))
