"""Photographs and scanned papers that are on record, and what is seen in photographs that are given.

Nothing is changed here: `signing` seals what is given.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from volenti.consent.records import ConsentRecords
from volenti.consent.reference import (
    COMPARED_MAX,
    Accepted,
    GivenPhoto,
    ReferenceOnRecord,
    References,
    accepting,
    here,
    lacks_reference,
)
from volenti.consent.signature import BOUND_ROLES, fits
from volenti.consent.storedrelease import State
from volenti.core.errors import ConflictError
from volenti.core.signing import PublicKey

if TYPE_CHECKING:
    from volenti.perception.sight.reference import Flaw

#: What stands before the digest of a scan, where digests of photographs are kept, too.
_SCAN = "scan "


class PhotoReading:
    """Reads the photographs and scanned papers of releases, and looks at photographs that are given."""

    def __init__(self, records: ConsentRecords, references: References) -> None:
        self._records = records
        self._references = references
        #: What people are told apart by, as of a revision: who has a release that names a photograph or is
        #: attested by a scan, by its digest, and every key that was ever anybody's.
        self._known: tuple[str, dict[str, set[str]], frozenset[PublicKey]] = ("", {}, frozenset())

    def lacks_reference(self, release_id: str) -> bool:
        """Whether a signed release names a photograph that isn't here."""
        return lacks_reference(self._records.release(release_id))

    def reference(self, release_id: str) -> bytes | None:
        """A release's first reference photograph; None where none was sealed or the release doesn't hold."""
        return next(iter(self.photos(release_id).values()), None)

    def photos(self, release_id: str) -> dict[str, bytes]:
        """A release's reference photographs that are here, by digest; none where it doesn't hold."""
        return self._references.open(self._records.release(release_id))

    def scans(self, release_id: str) -> list[bytes]:
        """The scanned papers that a release was signed on, oldest first."""
        return self._references.scans(self._records.release(release_id))

    def references(self, subject_id: str) -> list[ReferenceOnRecord]:
        """Every reference photograph of a subject that is here, of every release that holds."""
        return [
            ReferenceOnRecord(stored.signed.release.id, digest, sealed, stored.accepted.get(digest, ()))
            for stored in self._records.releases(subject_id)
            for digest, sealed in here(stored).items()
        ]

    def open_reference(self, reference: ReferenceOnRecord) -> bytes:
        """The bytes of a reference photograph."""
        return self._references.open_one(reference.sealed)

    def flaws_of(
        self,
        photos: Sequence[GivenPhoto],
        subject_id: str,
        release_id: str = "",
        beside: Sequence[bytes] = (),
    ) -> list[tuple[GivenPhoto, list[Flaw]]]:
        """Each photograph given for a subject's release with its flaws, but for those accepted before.

        They have to show the same face as those of the subject that are kept, and as those in `beside`.
        """
        if not photos:
            return []
        kept = [self.open_reference(each) for each in self.references(subject_id)[-COMPARED_MAX:]]
        return self._references.flaws(photos, [*kept, *beside], self._accepted(release_id))

    def check_photos(
        self, photos: Sequence[GivenPhoto], subject_id: str, release_id: str = "", *, accept: bool = False
    ) -> dict[str, tuple[str, ...]]:
        """What is doubtful about photographs of a subject's release and accepted, by the photograph's digest.

        release_id: the release, where it is on record: what was accepted of it before still is. accept:
        whether what is doubtful is accepted now. Raises UsageError that names every photograph that may not
        be kept, MissingModelError where photographs can't be looked at.
        """
        seen = self.flaws_of(photos, subject_id, release_id)
        return accepting(seen, self._accepted(release_id), accept=accept)

    def others_with(self, digests: Collection[str], subject_id: str) -> list[str]:
        """Who else has a release that names one of these photographs, and isn't known to be somebody else.

        digests: the photographs' SHA-256. A photograph shows one clear face, so that two records with the
        same one are of one person, or one of the two has the wrong photograph.
        """
        named = self._told_apart_by()[0] if digests else {}
        found = {who for digest in digests for who in named.get(digest, ())} - {subject_id}
        return sorted(each for each in found if not self._records.are_two_people(each, subject_id))

    def others_on_paper(self, digest: str, subject_id: str) -> list[str]:
        """Who else has a release in force that is attested by the scan with this SHA-256."""
        return sorted(self._told_apart_by()[0].get(_SCAN + digest, set()) - {subject_id})

    def is_somebodys(self, key: PublicKey) -> bool:
        """Whether a key is or was on record as a person's or a guardian's, or has signed a release."""
        return key in self._told_apart_by()[1]

    def _told_apart_by(self) -> tuple[dict[str, set[str]], frozenset[PublicKey]]:
        revision = self._records.revision
        if self._known[0] != revision or not revision:
            named: dict[str, set[str]] = {}
            keys: set[PublicKey | None] = set()
            for subject in self._records.subjects():
                keys |= {subject.key_of(role) for role in BOUND_ROLES}
                keys |= {key for each in subject.former_keys for key in (each.public_key, each.replaced_by)}
                for stored in self._records.releases(subject.id):
                    document = stored.signed.release.to_json()
                    # Anybody can write anybody's key into a file: only who has it can sign with it.
                    keys |= {one.public_key for one in stored.signed.signatures if fits(document, one)}
                    for digest in stored.signed.release.shoot.references:
                        named.setdefault(digest, set()).add(subject.id)
                    is_in_force = stored.state is State.SIGNED
                    for attestation in stored.signed.attestations if is_in_force else ():
                        named.setdefault(_SCAN + attestation.scan, set()).add(subject.id)
            self._known = revision, named, frozenset(each for each in keys if each is not None)
        return self._known[1:]

    def check_own(self, photos: Sequence[GivenPhoto], subject_id: str) -> None:
        """Raise ConflictError where somebody else on record has a release that names one of the photographs.

        subject_id: whose they are given for. Who was told apart from them isn't asked about.
        """
        for other in self.others_with([each.digest for each in photos], subject_id):
            raise ConflictError(
                f"A release of {other} names the same photograph.",
                f"Give one of {subject_id} alone. If both records are of one person, keep one of them: "
                "volenti request open --kind erasure --subject WHO. If they are two people: "
                f"volenti subject distinguish {subject_id} {other}",
            )

    def _accepted(self, release_id: str) -> Accepted:
        stored = self._records.find_release(release_id) if release_id else None
        return {} if stored is None else stored.accepted

    def photo_of(self, subject_id: str) -> bytes | None:
        """A reference photograph of the subject, from the first release that has one."""
        first = next(iter(self.references(subject_id)), None)
        return None if first is None else self.open_reference(first)
