"""What consent needs from outside: somebody who sets a receipt as pages.

The contents are decided here (`receiptpage`), their look is the typesetter's.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from volenti.consent.receiptpage import ReceiptPage
from volenti.core.errors import VolentiError


class FontMissingError(VolentiError):
    """No font on this machine has the letters of a text."""

    code: ClassVar[str] = "font-missing"
    exit_status: ClassVar[int] = 9


class Typesetter(Protocol):
    """Makes documents people can read and keep."""

    def receipt(self, page: ReceiptPage, record: bytes) -> bytes:
        """The receipt as PDF/A-3, tagged for screen readers, with `record` (JSON-LD) attached.

        The same arguments give the same bytes. Raises FontMissingError rather than leave a
        letter out: a name is set as it is written, or not at all.
        """
        ...
