"""Names of people as they are compared: without regard to case, white space and how Unicode writes them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volenti.consent.subject import Subject


def plain_name(name: str) -> str:
    """A name as names are compared: in NFKC, case-folded, with single spaces."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def is_called(subject: Subject, words: str) -> bool:
    """Whether all the words stand in what somebody is known by: names, contact and identifier."""
    guardian = subject.guardian.name if subject.guardian else ""
    known = (subject.legal_name, subject.pseudonym, subject.contact, guardian, subject.id)
    said = plain_name(" ".join(known))
    asked = plain_name(words).split()
    return bool(asked) and all(word in said for word in asked)
