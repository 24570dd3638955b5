"""Names of people as they are compared: without regard to case, white space and how Unicode writes them."""

from __future__ import annotations

import unicodedata


def plain_name(name: str) -> str:
    """A name as names are compared: in NFKC, case-folded, with single spaces."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())
