"""What answering a person needs from outside: a typesetter for the page."""

from __future__ import annotations

from typing import Protocol

from volenti.requests.answerpage import AnswerPage


class AnswerTypesetter(Protocol):
    """Makes documents that people can read and keep."""

    def answer(self, page: AnswerPage, record: bytes) -> bytes:
        """The answer as PDF/A-3, tagged for screen readers, with `record` (JSON) attached.

        The same arguments give the same bytes. A character that can't be printed is given by its number.
        """
        ...
