"""Holder of jobs: what their arguments and errors say about somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.vault.holder import Erased, Holding, Turn

if TYPE_CHECKING:
    from volenti.jobs.service import Jobs


class JobHolder:
    """Jobs that name the subject. Errors may call people by their names, so of all of them words go."""

    name = "jobs"
    turn = Turn.FINDING

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def locate(self, subject: str) -> list[Holding]:
        """The jobs that name the subject."""
        found = self._named(subject)
        what, action = "jobs that name the person", "take out what they say"
        return [Holding(self.name, what, found, 0, action)] if found else []

    def erase(self, subject: str) -> Erased:
        """Take out what they say; returns how many there were."""
        found = self._named(subject)
        self._jobs.hush(subject)
        return Erased(found, 0)

    def attest(self, subject: str) -> int:
        """How many jobs name the subject still, but for the one that erases them."""
        return self._named(subject)

    def _named(self, subject: str) -> int:
        return sum(1 for each in self._jobs.naming(subject) if each.state != "running")
