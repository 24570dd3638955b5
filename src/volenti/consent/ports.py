"""What consent needs from outside: a typesetter that makes pages of a receipt.

`receiptpage` decides what stands on them, the typesetter how they look.
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

        The same arguments give the same bytes. Raises FontMissingError where no font has a letter:
        a name is printed as it is written, or not at all.
        """
        ...
