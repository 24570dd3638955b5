"""Foreseeing: what would go on record of a picture, and the copy that is made where strangers are redacted.

`clear` and its dry run both ask here whether heads can be made unrecognisable, so that they agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from volenti.clearance.decision import Decision
from volenti.clearance.image import Image
from volenti.clearance.onrecord import open_original
from volenti.perception.finding import finding

if TYPE_CHECKING:
    from volenti.clearance.evaluation import Evaluated
    from volenti.perception.sight.faces import FaceDetector
    from volenti.perception.sight.stranger import Stranger
    from volenti.vault.records import Records
    from volenti.vault.service import Vault


def foreseen(evaluated: Evaluated, records: Records, vault: Vault, detector: FaceDetector) -> Decision:
    """The decision that would go on record of a picture; nothing is put there."""
    image, decision, redact = evaluated.image, evaluated.decision, evaluated.judgement.redact
    if decision.verdict != "cleared" or not redact:
        return decision
    data = open_original(records, vault, image)
    return decision if redacted_copy(data, image, redact, detector) else without_redaction(decision)


def redacted_copy(
    data: bytes, image: Image, redact: Sequence[Stranger], detector: FaceDetector, *, or_hold: bool = True
) -> bytes | None:
    """A copy in which strangers can't be recognised; None, or RedactionError, where none can be made."""
    from volenti.perception.sight.redaction import RedactionError, redacted

    covered = [face.box for face in image.faces if face.status == "covered"]
    try:
        return redacted(data, redact, detector, covered)
    except RedactionError:
        if not or_hold:
            raise
        return None


def without_redaction(decision: Decision) -> Decision:
    """The decision about a picture in which a stranger can't be made unrecognisable: it is held."""
    # An earlier redaction is noted before this one.
    made = next(each for each in reversed(decision.findings) if each.code == "redacted")
    others = [each for each in decision.findings if each is not made]
    codes = [code for code, kind in (("bystander", "faces"), ("person", "figures")) if made.data.get(kind)]
    return replace(decision, verdict="held", findings=(*others, *map(finding, codes)))
