"""Report: what an audit found."""

from __future__ import annotations

from dataclasses import dataclass, field

from volenti.core.canonical import Json
from volenti.core.shown import short_repr


@dataclass(slots=True)
class AuditReport:
    """What an audit counted and noted.

    residue: things of erased people that are still there. lost: things of others that are missing or changed.
    """

    residue: int = 0
    lost: int = 0
    log_consistent: bool = True
    problems: list[str] = field(default_factory=list)
    pictures: int = 0
    files_scanned: int = 0
    bytes_scanned: int = 0
    #: Files in the workspace's folder that a user put there: nobody knows what is in them.
    strangers: list[str] = field(default_factory=list)

    __repr__ = short_repr

    @property
    def ok(self) -> bool:
        """Whether nothing is left over, nothing is lost, the log holds and nothing else is wrong."""
        return not self.problems and self.log_consistent and not self.residue and not self.lost

    def found(self, problem: str) -> None:
        """Count and note something of an erased person's that is still there."""
        self.residue += 1
        self.problems.append(f"residue: {problem}")

    def missing(self, problem: str) -> None:
        """Count and note something of somebody else's that is lost; the same thing counts once."""
        if f"lost: {problem}" in self.problems:
            return  # several parts of an audit look at the same row
        self.lost += 1
        self.problems.append(f"lost: {problem}")

    def wrong(self, problem: str) -> None:
        """Note a problem that is neither residue nor a loss."""
        self.problems.append(f"wrong: {problem}")

    def to_json(self) -> Json:
        """Everything counted and noted as a JSON object."""
        return {
            "ok": self.ok,
            "residue": self.residue,
            "lost": self.lost,
            "log_consistent": self.log_consistent,
            "problems": self.problems,
            "pictures": self.pictures,
            "files_scanned": self.files_scanned,
            "bytes_scanned": self.bytes_scanned,
            "strangers": self.strangers,
        }
