"""Amounts as people read them: 1 picture, 2 pictures, 3.4 MB."""

from __future__ import annotations


def counted(number: int, noun: str, nouns: str = "") -> str:
    """1 picture, 2 pictures."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def size(count: int) -> str:
    """Bytes in the unit that fits: 512 B, 3.4 MB (powers of 1000)."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
