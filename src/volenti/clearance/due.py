"""Due pictures: those judged before, about which a policy has anything new to say.

`clear` judges them, and its dry run says what would be decided of them: both ask here, so that they agree.
What was cleared stays so when a yes ends: nobody can read it then, and the account says that it's uncovered.
Judging it again would throw it away, though a withdrawal destroys nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from volenti.clearance.decision import DECIDED_BY_A_PERSON, policy_number
from volenti.clearance.image import Image
from volenti.clearance.onrecord import image_now
from volenti.clearance.policy import Policy
from volenti.consent.coverage import Refusal
from volenti.vault.records import Records

#: Codes of faces about which the releases of those whom they are matched with decided.
_OF_CONSENT = frozenset(Refusal) - {Refusal.NO_RELEASE}


def judged_before(records: Records) -> list[str]:
    """The pictures that were judged, for whatever purpose, and kept."""
    return [name for state in ("held", "cleared") for name in records.identifiers("image", state=state)]


class DuePictures:
    """The pictures judged before that are due by a policy, by identifier."""

    def __init__(self, records: Records, policy: Policy, gallery: int, restricted: frozenset[str]) -> None:
        """gallery: the number that it has then. restricted: people whose pictures stay as they are."""
        self._records = records
        self._policy = policy
        self._gallery = gallery
        self._restricted = restricted

    def __iter__(self) -> Iterator[str]:
        return filter(self.has, judged_before(self._records))

    def has(self, image: str) -> bool:
        """Whether a picture that was judged before is due."""
        return self._is_due(image) and not self._shows(image)

    def has_to_be_compared(self, image: Image) -> bool:
        """Whether the facts kept with a picture don't say enough of its faces for this policy."""
        if image.is_quarantined:
            return self._awaits_another_gallery(image)
        # Of a picture that belongs to somebody nothing is kept about who else came near. So a face that was
        # nobody's, or that was matched with a smaller lead than this policy asks for, is compared again.
        rules = self._policy.thresholds
        return any(
            face.subject is None or (face.margin or 0.0) < rules[face.scale].margin_min
            for face in image.faces
        )

    def _is_due(self, name: str) -> bool:
        row = self._records.row("decision", f"{name}/{self._policy.purpose}")
        if row is None:
            return True
        if row.position == DECIDED_BY_A_PERSON:
            return False
        if row.position != policy_number(self._policy.digest):
            return True
        if row.state != "held":
            return False
        image = image_now(self._records, name)
        return image is not None and (self._awaits_another_gallery(image) or _awaits_consent(image))

    def _awaits_another_gallery(self, image: Image) -> bool:
        """Whether a picture in quarantine has a face that may now be somebody's, or has to be compared."""
        if not image.is_quarantined or not image.faces or image.gallery == self._gallery:
            return False
        # A picture has no gallery where somebody whom a face was measured against was erased: nothing is left
        # of what was measured, so it has to be compared again.
        return not image.gallery or any(face.status == "held" for face in image.faces)

    def _shows(self, name: str) -> bool:
        """Whether a picture belongs to a restricted person, or is held because it may show one of them."""
        if not self._restricted:
            return False
        row = self._records.row("image", name)
        if row is None or self._restricted & set(row.owners):
            return row is not None
        image = image_now(self._records, name)
        return image is not None and bool(self._restricted & image.mentioned)


def _awaits_consent(image: Image) -> bool:
    """Whether a face was held or refused by what somebody's releases said then: they may say more now."""
    return any(face.code in _OF_CONSENT for face in image.faces)
