"""Parts for letters: e-mail to the people in the pictures."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from volenti.wiring.models import ModelParts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.letters.letter import Letter
    from volenti.letters.message import Attached
    from volenti.letters.service import Letters


class LetterParts(ModelParts):
    """Parts that write to people, on top of those for models."""

    @cached_property
    def letters(self) -> Letters:
        """Letters: keeps what is to be sent to people, and sends it, once for each event."""
        from volenti.adapters.post.outbox import FolderOutbox
        from volenti.letters.message import Sender
        from volenti.letters.service import Letters

        return Letters(
            records=self.records,
            events=self.events,
            consent=self.consent,
            locks=self.adapters.locks,
            outbox=FolderOutbox(self.path / "outbox"),
            carrier=self.adapters.carrier,
            sender=Sender(self.settings.letters_from, self.settings.letters_name),
            attaching=self._attached,
            clock=self.clock,
            holders=self._announced,
        )

    def _attached(self, letter: Letter) -> Sequence[Attached]:
        """What goes with a letter: the receipt of what was signed, or the document that it has."""
        from volenti.letters.letter import LetterKind
        from volenti.letters.message import Attached

        found = []
        if letter.kind is LetterKind.SIGNED_COPY:
            pdf = self.receipts.pdf(letter.about, letter.language)
            found.append(Attached(f"{letter.about}.pdf", "application/pdf", pdf))
        if letter.copy:
            found.append(Attached("certificate.json", "application/json", letter.copy.encode()))
        return found
