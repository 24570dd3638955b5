"""What consent needs from outside: a typesetter that makes pages of a receipt.

`receiptpage` decides what stands on them, the typesetter how they look.
"""

from __future__ import annotations

from typing import Protocol

from volenti.consent.receiptpage import ReceiptPage


class Typesetter(Protocol):
    """Makes documents people can read and keep."""

    def receipt(self, page: ReceiptPage, record: bytes) -> bytes:
        """The receipt as PDF/A-3, tagged for screen readers, with `record` (JSON-LD) attached.

        The same arguments give the same bytes. A character that can't be printed is given by its Unicode
        number, and the page says so.
        """
        ...
