"""Decision: what became of one picture for one purpose, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from volenti.clearance.finding import Finding, Verdict
from volenti.core.canonical import Json

#: From what stands in nobody's way to what settles the matter.
ORDER: tuple[Verdict, ...] = ("cleared", "held", "rejected", "unreadable", "duplicate")


@dataclass(frozen=True, slots=True)
class Decision:
    """One per image and purpose; the latest counts. `by` is a policy or a reviewer."""

    image: str
    purpose: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    policy: str
    by: str
    at: str

    @property
    def id(self) -> str:
        return f"{self.image}/{self.purpose}"

    def to_json(self) -> Json:
        return {
            "purpose": self.purpose,
            "verdict": self.verdict,
            "findings": [finding.to_json() for finding in self.findings],
            "policy": self.policy,
            "by": self.by,
            "at": self.at,
        }

    @classmethod
    def from_json(cls, image: str, body: Json) -> Decision:
        findings = tuple(Finding.from_json(each) for each in body["findings"])
        return cls(image, body["purpose"], body["verdict"], findings, body["policy"], body["by"], body["at"])


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that settles it; 'cleared' where there is none."""
    return max(verdicts, key=ORDER.index, default="cleared")
