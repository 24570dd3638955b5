"""Judgement: from what is known about a picture to findings. No I/O, no clock.

Who is in the picture is decided face by face. A face that matches somebody counts
as theirs, and their release decides; one that comes near is held; one that matches
nobody is a stranger. A file may also name the release it was made under
(plus:ModelReleaseID). A name alone never clears anything: a face has to be nearest to that
person of all who are enrolled, and lead as always; but then it needs no higher score than among
those few. A named release that doesn't hold refuses the picture, and says why where the face
couldn't be compared.

Everything here follows from the facts kept with the image, the policy, and what consent
answers today; so a picture can be judged again, for another purpose or by another
policy, without looking at it again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from volenti.clearance.image import Image, SeenFace
from volenti.clearance.policy import Policy
from volenti.consent.coverage import Coverage
from volenti.perception.finding import Finding, finding
from volenti.perception.rights.findings import licence_findings, rights_findings
from volenti.perception.rights.statement import Rights, joined
from volenti.perception.sight.ranking import weighed
from volenti.perception.sight.stranger import Stranger

#: Whether a subject's releases cover the use the pictures are judged for.
CoverageOf = Callable[[str], Coverage]
#: How old a covered subject was at the shoot, in whole years, by their birth date on record.
AgeOf = Callable[[str], int]

#: Somebody without a face is redacted where the detector is at least so sure of them: a box with a lower
#: score may lie beside whom it is about. And where all such boxes cover at most this share of the picture.
BODY_MIN, BODIES_MAX = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Claim:
    """A release the file names: whose it is and whether it covers the use."""

    subject: str
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Judgement:
    """Findings, faces with their status, and the people the picture shows.

    `redact` are those to be made unrecognisable before anything is kept.
    """

    findings: tuple[Finding, ...]
    faces: tuple[SeenFace, ...]
    subjects: tuple[str, ...]
    redact: tuple[Stranger, ...] = ()


def judge(
    image: Image,
    beside: Sequence[Rights],
    claims: Sequence[Claim],
    coverage_of: CoverageOf,
    age_of: AgeOf,
    policy: Policy,
    cast: frozenset[str] = frozenset(),
) -> Judgement:
    """What follows for a picture from its facts, a policy and consent's answers.

    beside: rights stated beside each of its files. claims: releases that the picture, or any of these, names.
    cast: who took part in the shoot; nobody where that isn't known.
    """
    findings = list(image.observed)
    rights = Rights.from_json(image.rights)
    findings += rights_findings(rights, policy.purpose)
    findings += _said_beside(rights, beside, policy)
    if not policy.people.admitted:
        return _without_people(image, findings, policy)
    claimed = frozenset(each.subject for each in claims)
    faces, shown = _recognised(image.faces, coverage_of, policy, cast, claimed)
    findings += _about_the_recognised(faces, coverage_of, age_of, policy)
    faces, twice = _matched_twice(faces)
    findings += twice
    refused = [each for each in claims if not each.coverage.covered and each.subject not in shown]
    # Where somebody may be covered, a face beside them is a bystander's: the picture may be theirs, and what
    # is refused is thrown away.
    someone = any(face.status == "covered" or face.code in _MAYBE for face in faces)
    for index, face in enumerate(faces):
        if face.code not in _UNMATCHED:
            continue
        if refused:
            claim = refused.pop(0)
            shown.append(claim.subject)
            faces[index] = replace(face, status="refused", code=claim.coverage.code)
        elif face.code == "uncertain-match" or any(each.subject not in shown for each in claims):
            code = "unlike-claim" if face.code == "unknown" else face.code
            faces[index] = replace(face, status="held", code=code)
        elif someone:
            faces[index] = replace(face, status="held", code="bystander")
        else:
            faces[index] = replace(face, status="refused", code="no-release")
        findings.append(finding(faces[index].code, {"face": index}))
    # A release that the file names and that doesn't hold counts even where no face is left for it.
    findings += [finding(claim.coverage.code) for claim in refused]
    if image.figures:
        findings.append(finding("person", {"figures": len(image.figures)}))
    if not faces and all(policy.verdict_on(each.code) == "cleared" for each in findings):
        findings.append(finding("no-face"))
    return _with_bystanders(
        Judgement(tuple(findings), tuple(faces), tuple(sorted(set(shown)))), image, policy
    )


def _said_beside(rights: Rights, beside: Sequence[Rights], policy: Policy) -> list[Finding]:
    """Findings from what lay beside any of the picture's files: what stands in the way, and the licence.

    A copy may lie in somebody else's folder. So what lies beside it can forbid a use and never allow one, and
    no note of it stays with a picture that is cleared: erasing that person changes nothing of the picture.
    """
    together = joined(beside)
    if rights.credentials:
        # Where the file has credentials of its own, nobody looks for those that something else names.
        together = replace(together, credentials="", credential_notes=(), signer_notes=())
    against = [
        each
        for each in rights_findings(together, policy.purpose)
        if policy.verdict_on(each.code) != "cleared"
    ]
    licences = (licence_findings(joined([rights, each]), policy.licences.allowed) for each in beside)
    return [*against, *next(filter(None, licences), [])]


#: Codes of a face that may be somebody's with a release.
_MAYBE = ("uncertain-match", "matched-twice")
#: Codes of a face that is nobody's yet: it comes near to somebody, or to nobody.
_UNMATCHED = ("uncertain-match", "unknown")


def _recognised(
    seen: Sequence[SeenFace],
    coverage_of: CoverageOf,
    policy: Policy,
    cast: frozenset[str],
    claimed: frozenset[str],
) -> tuple[list[SeenFace], list[str]]:
    """Every face with the person it is matched with, by the policy's thresholds; and who is shown.

    A face that is nearest of all to somebody from the shoot, or to whoever the file names, needs a lower
    score: that of a comparison with those few.
    """
    expected = cast | claimed
    faces: list[SeenFace] = []
    shown: list[str] = []
    for face in seen:
        rule = policy.thresholds[face.scale]
        lead = math.inf if face.margin is None else face.margin
        needed = rule.match_min_for(face.compared)
        if face.nearest in expected:
            needed = min(needed, rule.match_min_among(len(expected)))
        verdict = weighed(face.score, lead, face.cross_domain_score, face.compared, rule, needed)
        if verdict == "match" and cast and face.nearest not in cast:
            # Somebody who wasn't at the shoot: more likely a look-alike than a guest.
            verdict = "uncertain"
        measured = replace(face, needed=needed, lead_needed=rule.margin_min)
        if verdict == "match" and face.nearest is not None:
            answer = coverage_of(face.nearest)
            shown.append(face.nearest)
            status, code = ("covered", "") if answer.covered else ("refused", answer.code)
            faces.append(replace(measured, status=status, subject=face.nearest, code=code))
        else:
            # The person whom the face came near to stays on record, so that erasing them finds the picture.
            near, code = (face.nearest, "uncertain-match") if verdict == "uncertain" else (None, "unknown")
            faces.append(replace(measured, status="held", subject=near, code=code))
    return faces, shown


def _matched_twice(faces: Sequence[SeenFace]) -> tuple[list[SeenFace], list[Finding]]:
    """The faces, and findings about those that are matched with one person in one frame.

    Nobody is in a frame twice: at least one of them is a look-alike, a mirror's image or a print.
    """
    counts = Counter((face.frame, face.subject) for face in faces if face.status == "covered")
    found = [*faces]
    findings = []
    for index, face in enumerate(faces):
        if face.status == "covered" and counts[face.frame, face.subject] > 1:
            found[index] = replace(face, status="held", code="matched-twice")
            findings.append(finding("matched-twice", {"face": index}))
    return found, findings


def _about_the_recognised(
    faces: Sequence[SeenFace], coverage_of: CoverageOf, age_of: AgeOf, policy: Policy
) -> list[Finding]:
    """Findings about matched people: their release doesn't cover the use, or they look young."""
    found: list[Finding] = []
    young_from = policy.minors.refer_from
    for index, face in enumerate(faces):
        if face.status == "refused" and face.subject is not None:
            answer = coverage_of(face.subject)
            found.append(finding(answer.code, {"face": index, "release": answer.release}))
        # The estimate works on photographs: of rendered people, half of those who are older look young to it.
        is_photograph = face.scale != "log-likelihood-ratio"
        if young_from is None or not is_photograph or face.status != "covered":
            continue
        assert face.subject is not None
        # Whoever is older by their birth date isn't asked about because the estimate errs.
        if face.under_25_score >= young_from and age_of(face.subject) < policy.minors.below_age:
            found.append(finding("possible-minor", {"face": index}))
    return found


def _without_people(image: Image, findings: list[Finding], policy: Policy) -> Judgement:
    """The judgement by a policy that admits no people, so that it doesn't matter who is shown."""
    rule = policy.people
    faces = tuple(
        replace(face, status="refused", subject=None, code="people")
        for face in image.faces
        if face.detector_score >= rule.face_min
    )
    figures = [figure for figure in image.figures if figure.score >= rule.figure_min]
    if faces or figures:
        findings.append(finding("people", {"faces": len(faces), "figures": len(figures)}))
    return Judgement(tuple(findings), faces, ())


def _with_bystanders(judgement: Judgement, image: Image, policy: Policy) -> Judgement:
    """The judgement, once the policy has said what happens to strangers beside covered people."""
    if policy.bystanders.do != "redact":
        return judgement
    faces = [face for face in judgement.faces if face.code == "bystander"]
    strangers = [Stranger(face.box, score=face.detector_score) for face in faces]
    others = [each for each in judgement.findings if each.code != "bystander"]
    figures = _strangers_without_a_face(image, judgement.faces, policy)
    if figures:
        strangers += figures
        others = [each for each in others if each.code != "person"]
    if not strangers or any(policy.verdict_on(each.code) != "cleared" for each in others):
        return judgement
    counts = {"faces": len(faces)} | ({"figures": len(figures)} if figures else {})
    return replace(judgement, findings=(*others, finding("redacted", counts)), redact=tuple(strangers))


def _strangers_without_a_face(image: Image, faces: Sequence[SeenFace], policy: Policy) -> list[Stranger]:
    """The picture's figures, where each of them can be filled and somebody stays; otherwise none."""
    beside = any(face.status == "covered" for face in faces)
    if not beside or policy.verdict_on("person") != "held":
        return []
    bodies = [each for each in image.figures if each.part == "body"]
    area = image.width * image.height / image.scale**2
    if sum(each.box[2] * each.box[3] for each in bodies) > BODIES_MAX * area:
        return []
    if any(each.score < BODY_MIN for each in bodies) or not all(each.part for each in image.figures):
        return []
    return [Stranger(each.box, each.part, each.score) for each in image.figures if each.part]
