"""Taking back: a picture that a reviewer cleared is held again, and its question stands as it did before.

Of a picture that belongs to somebody nothing is kept of whom its faces came near to, nor a template
(`image.settled`). So the picture is looked at again: its faces are found, and compared with those who may be
recognised today. That decides nothing: the picture is held for what was found when it was judged.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from volenti.clearance.evaluation import PolicyEvaluation
from volenti.clearance.image import QUARANTINE, Image, SeenFace
from volenti.clearance.onrecord import open_original
from volenti.clearance.quarantine import quarantine_owner
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError, MissingModelError
from volenti.core.logs import Logger

if TYPE_CHECKING:
    from volenti.clearance.decision import Decision
    from volenti.clearance.enforcement import Enforcement
    from volenti.clearance.folders import Folders
    from volenti.clearance.gallery import Gallery
    from volenti.consent.service import Consent
    from volenti.perception.analyzer import PictureAnalyzer
    from volenti.perception.sight.matching import Matcher
    from volenti.vault.records import Records
    from volenti.vault.service import Vault

#: Findings by which a face is held.
_HELD = ("bystander", "uncertain-match", "unlike-claim", "matched-twice")

_log = Logger(__name__)


class TakingBack:
    """Takes reviewers' clearings back."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        consent: Consent,
        folders: Folders,
        gallery: Gallery,
        enforcement: Enforcement,
        analyzer: Callable[[], PictureAnalyzer],
        new_matcher: Callable[[], Matcher],
        clock: Clock,
    ) -> None:
        """analyzer: makes what looks at pictures; raises MissingModelError where its models are missing."""
        self._records = records
        self._vault = vault
        self._consent = consent
        self._folders = folders
        self._gallery = gallery
        self._enforcement = enforcement
        self._analyzer = analyzer
        self._new_matcher = new_matcher
        self._clock = clock

    def undo(self, image: Image, purpose: str, *, reviewer: str) -> Decision:
        """Hold a picture again, in quarantine; ConflictError where no reviewer cleared it."""
        decisions = self._enforcement.decisions(image.id)
        decision = next((each for each in decisions if each.purpose == purpose), None)
        if decision is None or not decision.is_decided_by_a_person or decision.verdict != "cleared":
            raise ConflictError(
                f"No reviewer has cleared {image.id} for {purpose}.",
                "What was rejected wasn't kept: give the picture again (volenti add).",
            )
        assert image.original is not None
        was, at = image.original, stamp(self._clock())
        held = replace(decision, verdict="held", by=f"review:{reviewer}", at=at, approvals=())
        cleared_elsewhere = any(each.verdict == "cleared" and each.purpose != purpose for each in decisions)
        if not cleared_elsewhere:
            data = open_original(self._records, self._vault, image)
            # Nothing is decided without the models either; the question then lacks what was measured.
            with suppress(MissingModelError):
                image = self._seen_again(image, data, decision, at)
        with self._enforcement.batch() as batch:
            if not cleared_elsewhere:
                owner = quarantine_owner(self._clock)
                back = self._vault.put(
                    (owner,), "quarantined", data, of=image.id, prefix=QUARANTINE, pack=image.id
                )
                image = replace(image, original=back, preview=None)
            taken_back = batch.add(image, held, (), was=was)
        _log.info("reviewer's decision taken back")
        return taken_back

    def _seen_again(self, image: Image, data: bytes, decision: Decision, at: str) -> Image:
        """The picture with its faces as they were when it was judged, as far as the gallery is the same."""
        (seen,) = self._analyzer().analyze([data])
        matcher = self._new_matcher()
        gallery = self._gallery.fill(matcher)
        if not seen.faces:
            return image
        import numpy as np

        rankings = matcher.rank(np.stack([each.template for each in seen.faces]))
        faces = tuple(SeenFace.of(face, ranking) for face, ranking in zip(seen.faces, rankings, strict=True))
        policy = self._enforcement.policy(decision.policy)
        evaluation = PolicyEvaluation(self._consent, self._folders, policy, self._consent.today)
        judged = evaluation.evaluate(replace(image, faces=faces, gallery=gallery), at).image
        return replace(judged, faces=_as_held(judged, decision))


def _as_held(image: Image, decision: Decision) -> tuple[SeenFace, ...]:
    """The faces, those held that the decision was about. Where somebody was made unrecognisable since, the
    numbers of faces are others than those that the decision names."""
    if any(each.code == "redacted" for each in decision.findings):
        return image.faces
    codes = {each.data.get("face"): each.code for each in decision.findings if each.code in _HELD}
    return tuple(
        replace(face, status="held", code=codes[number])
        if number in codes and face.status != "covered"
        else face
        for number, face in enumerate(image.faces)
    )
