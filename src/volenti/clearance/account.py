"""Account: what became of every file given. The totals add up."""

from __future__ import annotations

from dataclasses import dataclass

from volenti.clearance.finding import Finding
from volenti.core.canonical import Json
from volenti.core.errors import KeyDestroyedError
from volenti.vault.records import Records

VERDICTS = ("cleared", "held", "rejected", "unreadable", "duplicate")


@dataclass(frozen=True, slots=True)
class FileAccount:
    """One file as it was given, and what became of it. `image` is None where nothing could be read."""

    file: str
    image: str | None
    verdict: str
    findings: tuple[Finding, ...]

    def to_json(self) -> Json:
        return {
            "file": self.file,
            "image": self.image,
            "verdict": self.verdict,
            "findings": [
                {"code": each.code, "message": each.message, "remedy": each.remedy} for each in self.findings
            ],
        }


@dataclass(frozen=True, slots=True)
class Account:
    """Every file, and the totals: given = cleared + held + rejected + unreadable + duplicate + waiting."""

    files: tuple[FileAccount, ...]

    @property
    def totals(self) -> dict[str, int]:
        counts = {"given": len(self.files), **dict.fromkeys(VERDICTS, 0)}
        waiting = 0
        for each in self.files:
            if each.verdict in counts:
                counts[each.verdict] += 1
            else:
                waiting += 1
        return {**counts, "waiting": waiting} if waiting else counts

    def to_json(self) -> Json:
        return {"totals": self.totals, "decisions": [each.to_json() for each in self.files]}


def account(records: Records, purpose: str | None = None) -> Account:
    """What the register knows of files now, ordered by name.

    purpose: tell what was decided for it; without one, whether a file is cleared for anything.
    """
    files = []
    for row in records.rows("file"):
        try:
            body = records.opened(row).body
            decided = purpose and records.get("decision", f"{row.parent}/{purpose}")
        except KeyDestroyedError:
            # A withdrawal is on its way through the holders; what can't be opened isn't told.
            continue
        verdict, said = row.state, body.get("findings", [])
        if decided and row.state not in ("duplicate", "waiting"):
            verdict, said = decided.state, decided.body["findings"]
        findings = tuple(Finding.from_json(each) for each in said)
        files.append(FileAccount(body["file"], row.parent or None, verdict, findings))
    return Account(tuple(sorted(files, key=lambda each: each.file)))
