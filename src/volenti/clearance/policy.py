"""Policy: what each finding means for a purpose. Versioned by digest in every decision.

The default asks for what the table of findings says; a policy may only be told
otherwise code by code. Whatever it says, an uncertain match is never cleared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from volenti.clearance.decision import gravest
from volenti.clearance.finding import TABLE, Finding, Verdict
from volenti.core.canonical import canonical
from volenti.core.digest import sha256
from volenti.core.errors import UsageError

#: Codes whose picture nobody said yes to: no policy may let them through.
NEVER_CLEARED = frozenset({"no-release", "bystander", "uncertain-match", "signature", "minor"})


@dataclass(frozen=True, slots=True)
class Policy:
    """Verdicts that differ from the table's, for one purpose and territory."""

    purpose: str
    #: ISO 3166-1 alpha-2 code of where the pictures are to be used, or WORLD.
    territory: str = "WORLD"
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.verdicts) - set(TABLE))
        if unknown:
            raise UsageError(f"No finding is called {unknown[0]!r}.", "See docs/reference/findings.md.")
        freed = sorted(code for code in NEVER_CLEARED if self.verdicts.get(code) == "cleared")
        if freed:
            raise UsageError(f"No policy may clear {freed[0]!r}.", "Choose held or rejected.")

    @property
    def digest(self) -> str:
        body = {"purpose": self.purpose, "territory": self.territory, "verdicts": dict(self.verdicts),
                "table": {code: kind.verdict for code, kind in TABLE.items()}}  # fmt: skip
        return sha256(canonical(body))

    def verdict(self, findings: Iterable[Finding]) -> Verdict:
        """What the findings come to together."""
        return gravest(self.verdicts.get(each.code, each.verdict) for each in findings)
