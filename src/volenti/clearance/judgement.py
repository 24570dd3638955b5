"""Judgement: from what was seen in a picture to findings. No I/O, no clock.

Who is in the picture is decided face by face. A face that matches somebody counts
as theirs, and their release decides; one that comes near is held; one that matches
nobody is a stranger. A file may also name the release it was made under
(plus:ModelReleaseID): a name alone never clears anything, but where the face can't
be compared because that release doesn't hold, the release says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from volenti.clearance.finding import Finding, finding
from volenti.clearance.image import SeenFace
from volenti.clearance.matching import Match
from volenti.clearance.perception import Perception
from volenti.consent.coverage import Coverage

#: Whether a subject's releases cover the use the pictures are judged for.
CoverageOf = Callable[[str], Coverage]


@dataclass(frozen=True, slots=True)
class Claim:
    """A release the file names: whose it is and whether it covers the use."""

    subject: str
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Judgement:
    """Findings, faces with their standing, and the people the picture shows."""

    findings: tuple[Finding, ...]
    faces: tuple[SeenFace, ...]
    subjects: tuple[str, ...]


def judge(
    seen: Perception,
    matches: Sequence[Match],
    claims: Sequence[Claim],
    coverage_of: CoverageOf,
    others: Sequence[Finding],
) -> Judgement:
    """matches: one for each face of `seen`, in order; others: findings about rights and copies."""
    findings: list[Finding] = [*seen.findings, *others]
    faces: list[SeenFace] = []
    shown: list[str] = []
    strangers: list[int] = []
    for index, (face, match) in enumerate(zip(seen.faces, matches, strict=True)):
        if match.verdict == "match" and match.subject is not None:
            answer = coverage_of(match.subject)
            shown.append(match.subject)
            code = "" if answer.covered else answer.code
            standing = "covered" if answer.covered else "refused"
            faces.append(SeenFace(face.box, standing, match.subject, match.score, code))
            if not answer.covered:
                findings.append(finding(answer.code, {"face": index, "release": answer.release}))
        elif match.verdict == "uncertain":
            faces.append(SeenFace(face.box, "held", match.subject, match.score, "uncertain-match"))
            findings.append(finding("uncertain-match", {"face": index}))
        else:
            strangers.append(index)
            faces.append(SeenFace(face.box, "refused", None, match.score, "no-release"))
    if strangers:
        _name_strangers(strangers, faces, claims, shown, findings)
    if not seen.faces and all(each.verdict == "cleared" for each in findings):
        findings.append(finding("no-face"))
    return Judgement(tuple(findings), tuple(faces), tuple(sorted(set(shown))))


def _name_strangers(
    strangers: list[int],
    faces: list[SeenFace],
    claims: Sequence[Claim],
    shown: list[str],
    findings: list[Finding],
) -> None:
    """Say why faces that match nobody can't be used: their release, or that there is none."""
    unseen = [claim for claim in claims if claim.subject not in shown]
    for index in strangers:
        face = faces[index]
        if unseen:
            claim = unseen.pop(0)
            refused = not claim.coverage.covered
            code = claim.coverage.code if refused else "uncertain-match"
            standing = "refused" if refused else "held"
            shown.append(claim.subject)
        elif any(each.standing == "covered" for each in faces):
            code, standing = "bystander", "held"
        else:
            code, standing = "no-release", "refused"
        faces[index] = SeenFace(face.box, standing, face.subject, face.score, code)
        findings.append(finding(code, {"face": index}))
