"""Identity: how the controller made sure that whoever asks is who they say, or that they waived it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Identified(StrEnum):
    """How the controller made sure who asks (Art. 12(6) GDPR). No detail of it is kept.

    WAIVED: nobody made sure, and the controller goes on all the same. The log, the certificate and the answer
    say so.
    """

    SIGNATURE = "signature"
    DOCUMENT = "document"
    IN_PERSON = "in-person"
    ACCOUNT = "account"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Identification:
    """How the controller made sure who asks, and when."""

    how: Identified
    at: str

    @property
    def words(self) -> str:
        """How, and when, as a page says it."""
        return f"{worded(self.how)}, {self.at}"


def worded(how: str) -> str:
    """A way of making sure, as a page says it; a word that this version doesn't know stays as it is."""
    return "not made sure: the controller waived it" if how == Identified.WAIVED else f"by {how}"
