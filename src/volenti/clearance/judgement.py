"""Judgement: from what was seen in a picture to findings. No I/O, no clock.

Who is in the picture is decided face by face. A face that matches somebody counts
as theirs, and their release decides; one that comes near is held; one that matches
nobody is a stranger. A file may also name the release it was made under
(plus:ModelReleaseID). A name never clears anything; but a named release that doesn't
hold refuses the picture, and says why where the face couldn't be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
    unmatched: list[int] = []
    for index, (face, match) in enumerate(zip(seen.faces, matches, strict=True)):
        if match.verdict == "match" and match.subject is not None:
            answer = coverage_of(match.subject)
            shown.append(match.subject)
            code = "" if answer.covered else answer.code
            standing = "covered" if answer.covered else "refused"
            faces.append(SeenFace(face.box, standing, match.subject, match.score, code))
            if not answer.covered:
                findings.append(finding(answer.code, {"face": index, "release": answer.release}))
        else:
            unmatched.append(index)
            # Whom it came near stays on record, so that erasing them finds the picture.
            faces.append(SeenFace(face.box, "held", match.subject, match.score, "uncertain-match"))
    refused = [each for each in claims if not each.coverage.covered and each.subject not in shown]
    someone = any(face.standing == "covered" for face in faces)
    for index in unmatched:
        match = matches[index]
        if refused:
            claim = refused.pop(0)
            shown.append(claim.subject)
            code, standing = claim.coverage.code, "refused"
        elif match.verdict == "uncertain" or any(each.subject not in shown for each in claims):
            code, standing = "uncertain-match", "held"
        elif someone:
            code, standing = "bystander", "held"
        else:
            code, standing = "no-release", "refused"
        faces[index] = replace(faces[index], standing=standing, code=code)
        findings.append(finding(code, {"face": index}))
    # A release that the file names and that doesn't hold counts even where no face is left for it.
    findings += [finding(claim.coverage.code) for claim in refused]
    if not seen.faces and all(each.verdict == "cleared" for each in findings):
        findings.append(finding("no-face"))
    return Judgement(tuple(findings), tuple(faces), tuple(sorted(set(shown))))
