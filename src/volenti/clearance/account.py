"""Account: what became of every file given. The totals add up to the number of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from volenti.clearance.decision import KEPT
from volenti.clearance.wrongclaim import WRONG_CLAIM
from volenti.consent.coverage import Refusal
from volenti.core.codec import decoded
from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.core.progress import Progress, Silent, track
from volenti.core.shown import table
from volenti.perception.finding import Finding, finding

if TYPE_CHECKING:
    from volenti.clearance.access import Access
    from volenti.clearance.enforcement import Enforcement
    from volenti.consent.coverage import Coverage
    from volenti.consent.service import Consent
    from volenti.core.canonical import Json
    from volenti.vault.ports import Row
    from volenti.vault.records import Records

VERDICTS = ("cleared", "held", "rejected", "unreadable", "duplicate")
#: In place of "cleared": somebody in the picture took their yes back since, or it ended, or it is suspended.
UNCOVERED = "uncovered"
#: Not judged yet; and taken out again, because it was given by mistake.
WAITING, REMOVED = "waiting", "removed"
#: Everything that may have become of a file.
STATES = (WAITING, *VERDICTS, UNCOVERED, REMOVED)
#: How many files are named for each kind of finding.
NAMES_MAX = 3


@dataclass(frozen=True, slots=True)
class FileAccount:
    """One file as it was given, and what became of it. `image` is None where nothing could be read."""

    file: str
    image: str | None
    verdict: str
    findings: tuple[Finding, ...]

    def to_json(self) -> Json:
        """The file as a JSON object, with code, message and remedy of each finding."""
        return {
            "file": self.file,
            "image": self.image,
            "verdict": self.verdict,
            "findings": [
                {"code": each.code, "message": each.message, "remedy": each.remedy} for each in self.findings
            ],
        }


@dataclass(slots=True)
class FoundIn:
    """One kind of finding, with one remedy, among files of one verdict: how many, the first names, and the
    first finding."""

    finding: Finding
    verdict: str
    files: int = 0
    names: list[str] = field(default_factory=list)


class Account:
    """Every file, and the totals: given = cleared + held + rejected + unreadable + duplicate + the others.

    The others are counted where there are any: `uncovered` files were cleared, and aren't covered today;
    `waiting` ones weren't judged yet; `removed` ones were given by mistake, and taken out again.
    """

    def __init__(self, files: Iterable[FileAccount]) -> None:
        """files: may be walked more than once, and more than fit into memory."""
        self.files = files

    @property
    def totals(self) -> dict[str, int]:
        """How many were given, and what became of them."""
        return self._sums[0]

    @property
    def findings(self) -> list[FoundIn]:
        """What was found, the commonest first."""
        return self._sums[1]

    def __repr__(self) -> str:
        return f"Account({', '.join(f'{count:,} {what}' for what, count in self.totals.items())})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the totals, and what was found how often; no file's name."""
        found = [(each.finding.code, each.files, each.verdict) for each in self.findings]
        return table("Files", self.totals.items()) + table("Findings", found, ("code", "files", "verdict"))

    def counted(self) -> Account:
        """This account, its files walked once: its totals and findings are of this moment from now on."""
        assert self._sums
        return self

    @cached_property
    def _sums(self) -> tuple[dict[str, int], list[FoundIn]]:
        """Totals and findings, of one walk."""
        counts: Counter[str] = Counter()
        found: dict[tuple[str, str, str], FoundIn] = {}
        for file in self.files:
            counts[file.verdict if file.verdict in STATES else WAITING] += 1
            for code, first in {each.code: each for each in reversed(file.findings)}.items():
                # Files of formats that aren't read have one code, and a remedy for each sort of format.
                of = found.setdefault((code, first.remedy, file.verdict), FoundIn(first, file.verdict))
                of.files += 1
                of.names += [file.file] if len(of.names) < NAMES_MAX else []
        totals = {"given": counts.total(), **{verdict: counts[verdict] for verdict in VERDICTS}}
        totals |= {each: counts[each] for each in (UNCOVERED, WAITING, REMOVED) if counts[each]}
        return totals, [found[key] for key in sorted(found, key=lambda key: (-found[key].files, key))]

    def to_json(self) -> Json:
        """All of it, the files by name."""
        files = sorted(self.files, key=lambda each: each.file)
        return {"totals": Account(files).totals, "decisions": [each.to_json() for each in files]}


class FilesOnRecord:
    """What is on record of files, read anew for each walk; in order of verdict, then as they were given.

    Consent is asked again: what was cleared, and isn't covered today, is uncovered.
    """

    def __init__(
        self,
        records: Records,
        access: Access,
        consent: Consent,
        enforcement: Enforcement,
        purpose: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        """purpose: say what was decided for it; without one, whether a file is cleared for anything."""
        self._records = records
        self._access = access
        self._consent = consent
        self._enforcement = enforcement
        self._purpose = purpose
        self._progress = progress or Silent()

    def __iter__(self) -> Iterator[FileAccount]:
        records = self._records
        wrong = {row.parent for row in records.rows(WRONG_CLAIM)}
        for row in track(self._progress, "Counting files", records.rows("file"), records.count("file")):
            try:
                body = records.opened(row).body
                verdict, said = self._decided(row, body)
            except KeyDestroyedError:
                # An erasure has destroyed the key and not yet deleted the row, so the file isn't counted.
                continue
            if verdict == "cleared" and row.parent in wrong:
                said = (*said, finding("given-as-another"))
            yield FileAccount(body["file"], row.parent or None, verdict, said)

    def _decided(self, row: Row, body: Json) -> tuple[str, tuple[Finding, ...]]:
        """What became of a file, and why."""
        verdict, said = row.state, body.get("findings", [])
        decisions: list[Row] = []
        if row.state in KEPT and not self._purpose:
            decisions = list(self._records.rows("decision", parent=row.parent))
            if len(decisions) > 1:
                # What was found for a purpose for which it is something else isn't why it is this.
                same = self._records.opened_all([each for each in decisions if each.state == row.state])
                said = list({each["code"]: each for one in same for each in one.body["findings"]}.values())
        elif self._purpose and row.state not in ("duplicate", WAITING):
            decided = self._records.row("decision", f"{row.parent}/{self._purpose}")
            if decided is not None:
                decisions = [decided]
                verdict, said = decided.state, self._records.opened(decided).body["findings"]
            elif (verdict := unjudged(row.state)) == WAITING:
                is_restricted = not self._restricted.isdisjoint(row.owners)
                return WAITING, (finding("restricted"),) if is_restricted else ()
        if verdict == "cleared":
            lacking = uncovered(decisions, self._access, self._enforcement)
            if lacking is not None:
                return UNCOVERED, (self._dated(finding(lacking.code, {"release": lacking.release})),)
        return verdict, tuple(self._dated(decoded(Finding, each)) for each in said)

    def _dated(self, found: Finding) -> Finding:
        """The finding; where it waits for a release to begin, with the day, and where a release is for other
        countries, with these. The day isn't kept with a picture: it may be somebody's who isn't in it."""
        if found.code == Refusal.TERRITORY:
            places = ", ".join(self._places(str(found.data.get("release", ""))))
            return replace(found, message=f"{found.message} It is for {places}.") if places else found
        if found.code != Refusal.NOT_YET_VALID:
            return found
        day = self._begins(str(found.data.get("release", "")))
        return replace(found, message=f"{found.message} The first day is {day}.") if day else found

    def _begins(self, release: str) -> date | None:
        if release:
            with suppress(NotFoundError, KeyDestroyedError):
                return self._consent.release(release).release.terms.valid_from
        return self._next_recognisable

    def _places(self, release: str) -> tuple[str, ...]:
        if release:
            with suppress(NotFoundError, KeyDestroyedError):
                return self._consent.release(release).release.terms.territory
        return ()

    @cached_property
    def _restricted(self) -> frozenset[str]:
        return self._consent.restricted()

    @cached_property
    def _next_recognisable(self) -> date | None:
        return self._consent.next_recognisable()


def unjudged(state: str) -> str:
    """What a file's state is for a purpose that its picture wasn't judged for: what is kept waits."""
    return WAITING if state in KEPT else state


def uncovered(decisions: Iterable[Row], access: Access, enforcement: Enforcement) -> Coverage | None:
    """Why a picture is covered for nothing that it was cleared for; None where it is covered for any."""
    answers = [
        access.uncovered(each, enforcement.territory_of(each))
        for each in decisions
        if each.state == "cleared"
    ]
    return answers[0] if answers and None not in answers else None
