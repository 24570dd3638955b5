"""Summary: every figure of the story, and what the story promises about them.

`to_json` gives what DIR/report/summary.json holds. All keys but `chapters` have a stable shape that other
programs may rely on. `chapters` holds everything else that the page shows, by chapter: every figure
on the page comes from the summary.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from volenti.core.canonical import Json
from volenti.demo.inbox import Caught
from volenti.erasure.report import AuditReport
from volenti.training.proof import Exactness

#: Of the covered pictures that are no trap, how many may wait for a person's decision.
HELD_SHARE_MAX = 0.02


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that the story promises, and whether it was kept."""

    text: str
    kept: bool
    detail: str = ""


@dataclass(slots=True)
class Summary:
    """The story's figures, filled in chapter by chapter. Seconds are wall-clock."""

    totals: dict[str, int] = field(default_factory=dict)
    #: Covered pictures that are no trap: given, cleared, held, refused.
    covered: dict[str, int] = field(default_factory=dict)
    traps: list[Caught] = field(default_factory=list)
    erasure_seconds: float = 0.0
    full_seconds: float = 0.0
    exactness: Exactness | None = None
    audit: AuditReport | None = None
    #: Share of generated pictures in which the detector finds a face.
    detected: float | None = None
    #: Mean over attributes: the share of what prompts ask for that the judge sees, over its share in renders.
    adherence: float | None = None
    chapters: dict[str, Json] = field(default_factory=dict)
    seconds: float = 0.0
    peak_memory_mb: float = 0.0

    @property
    def cost_ratio(self) -> float:
        """Seconds of the erasure from start to end, as a share of those of training everything."""
        return self.erasure_seconds / self.full_seconds if self.full_seconds else 0.0

    def to_json(self) -> Json:
        """Everything in DIR/report/summary.json, as a JSON object."""
        return {
            "totals": self.totals,
            "traps": [
                {"name": each.trap.name, "expected": each.trap.expected, "got": each.got}
                for each in self.traps
            ],
            "forgetting": {
                "cost_ratio": round(self.cost_ratio, 4),
                "seconds": round(self.erasure_seconds, 2),
                "full_seconds": round(self.full_seconds, 2),
                "sha256_after": self.exactness.sha256_after if self.exactness else "",
                "sha256_scratch": self.exactness.sha256_scratch if self.exactness else "",
                "sha256_control": self.exactness.sha256_control if self.exactness else "",
            },
            "audit": _audit(self.audit),
            "generation": {"detected": self.detected, "adherence": self.adherence},
            "seconds": round(self.seconds, 1),
            "peak_memory_mb": round(self.peak_memory_mb),
            "chapters": self.chapters,
        }

    def promises(self) -> list[Promise]:
        """Everything that is promised, kept or not."""
        return [*self._about_clearing(), *self._about_forgetting()]

    def _about_clearing(self) -> Iterator[Promise]:
        totals = dict(self.totals)
        given = totals.pop("given", 0)
        yield Promise(
            "every file given is accounted for", 0 < given == sum(totals.values()), f"{given} files"
        )
        for caught in self.traps:
            yield Promise(f"{caught.trap.name} is {caught.trap.expected}", caught.ok, f"it is {caught.got}")
        refused, held = self.covered.get("refused", 0), self.covered.get("held", 0)
        yield Promise("no covered picture is refused", refused == 0, f"{refused} refused")
        few = held <= HELD_SHARE_MAX * self.covered.get("given", 0)
        yield Promise("at most 2% of the covered pictures are held", few, f"{held} held")
        dataset = self.chapters.get("dataset", {})
        yield Promise("the dataset verifies", bool(dataset.get("verified")))

    def _about_forgetting(self) -> Iterator[Promise]:
        audit, proof = self.audit, self.exactness
        evidence = self.chapters.get("proof", {})
        yield Promise("the certificate verifies with the public key alone", bool(evidence.get("certificate")))
        yield Promise(
            "the log is consistent", audit is not None and audit.log_consistent, _problems(audit, "log")
        )
        yield Promise(
            "nothing of the person is left",
            audit is not None and audit.residue == 0,
            _problems(audit, "residue"),
        )
        yield Promise(
            "nothing of anybody else is lost", audit is not None and audit.lost == 0, _problems(audit, "lost")
        )
        planted, seen = evidence.get("canaries", 0), evidence.get("canaries_outside", 0)
        yield Promise(
            "the strings searched for are in the folder that was given",
            0 < planted == seen,
            f"{seen} of {planted}",
        )
        yield Promise("hashes are comparable on this machine", proof is not None and proof.comparable)
        same = proof is not None and proof.sha256_after == proof.sha256_scratch
        yield Promise("forgotten and never learned are the same bits", same)
        equal, tried = (
            evidence.get(name, 0) for name in ("constituents_proved", "constituents_trained_again")
        )
        yield Promise(
            "every constituent served is one trained from nothing", 0 < equal == tried, f"{equal} of {tried}"
        )
        others = {proof.sha256_control, proof.sha256_one_less} if proof else {""}
        differ = proof is not None and proof.sha256_after not in others and "" not in others
        yield Promise("with the person the bits are others", differ)


def broken(promises: Sequence[Promise]) -> list[str]:
    """The promises that weren't kept, one line each."""
    return [
        f"{each.text}: no{f', {each.detail}' if each.detail else ''}" for each in promises if not each.kept
    ]


def peak_memory_mb(workers: int) -> float:
    """An upper bound of the memory used at once, in megabytes.

    It adds up this process at its largest and every worker as if it had been as large as the largest.
    Workers that haven't ended yet aren't counted, so close the workspace first.
    """
    unit = 1 if sys.platform == "darwin" else 1024
    largest = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return (largest[0] + workers * largest[1]) * unit / 1e6


def _audit(report: AuditReport | None) -> Json:
    names = ("ok", "residue", "lost", "log_consistent", "problems")
    return {} if report is None else {name: report.to_json()[name] for name in names}


def _problems(report: AuditReport | None, kind: str) -> str:
    found = [problem for problem in report.problems if problem.startswith(kind)] if report else []
    return "; ".join(found[:3])
