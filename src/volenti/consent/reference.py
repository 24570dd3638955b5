"""What is sealed with releases: the reference photographs that they name by digest, and scanned papers.

A photograph is looked at before anything is kept of it (`perception.sight.reference`): one with a grave flaw
is refused, one with a doubtful flaw has to be accepted by whoever gives it, which the release's row then
says. What is seen on the way is in memory and is kept nowhere.

A photograph is sealed and opened only while its release holds: once the release was withdrawn or superseded,
it isn't handed out any more. A release that names the same photograph as the one it supersedes shares the
sealed bytes, which lie in the subject's pack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from volenti.consent.storedrelease import State, StoredRelease
from volenti.core.digest import sha256
from volenti.core.errors import RefusedError, UsageError
from volenti.core.logs import Logger
from volenti.vault.blob import BlobRef
from volenti.vault.service import Vault

if TYPE_CHECKING:
    from volenti.perception.sight.faces import FaceDetector
    from volenti.perception.sight.reference import Flaw

#: What was doubtful about photographs and accepted: values of `Flaw`, by the photograph's digest.
Accepted = Mapping[str, tuple[str, ...]]
#: With how many photographs of earlier releases new ones are compared.
COMPARED_MAX = 5
#: What whoever gives a doubtful photograph may do instead of giving another one.
ACCEPT = "Or accept it as it is: --accept-reference."

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class GivenPhoto:
    """A photograph that somebody gives, with the name by which they know it."""

    name: str
    data: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """The SHA-256 by which a release names it."""
        return sha256(self.data)


@dataclass(frozen=True, slots=True)
class ReferenceOnRecord:
    """A reference photograph that is kept: of which release, and what was accepted about it."""

    release: str
    digest: str
    sealed: BlobRef
    accepted: tuple[str, ...] = ()


class References:
    """Looks at, seals and opens reference photographs; seals and opens scanned papers."""

    def __init__(self, vault: Vault, detector: FaceDetector) -> None:
        self._vault = vault
        self._detector = detector
        # Words alone: no template stays in memory.
        self._seen: dict[tuple[str, ...], list[tuple[Flaw, ...]]] = {}

    def look(self, photos: Sequence[bytes]) -> list[tuple[Flaw, ...]]:
        """The flaws of each of one person's photographs, those that don't show the same face among them.

        Raises MissingModelError where faces can't be looked for.
        """
        from volenti.perception.sight.reference import Flaw, look_at
        from volenti.perception.sight.references import odd_ones

        digests = tuple(map(sha256, photos))
        if digests not in self._seen:
            found = [look_at(self._detector, photo) for photo in photos]
            odd = odd_ones(found)
            self._seen[digests] = [
                (*each.flaws, Flaw.ANOTHER_FACE) if place in odd else each.flaws
                for place, each in enumerate(found)
            ]
        return self._seen[digests]

    def flaws(
        self, photos: Sequence[GivenPhoto], beside: Sequence[bytes], accepted: Accepted
    ) -> list[tuple[GivenPhoto, list[Flaw]]]:
        """Each of one person's photographs with its flaws, but for those that were accepted before.

        beside: other photographs of theirs, which these have to agree with.
        """
        given = {photo.digest: photo for photo in photos}
        others = [data for data in beside if sha256(data) not in given]
        seen = self.look([*(photo.data for photo in given.values()), *others])
        return [
            (photo, [flaw for flaw in flaws if flaw.is_grave or flaw not in accepted.get(digest, ())])
            for (digest, photo), flaws in zip(given.items(), seen, strict=False)
        ]

    def seal(self, stored: StoredRelease, photos: Sequence[GivenPhoto]) -> dict[str, BlobRef]:
        """The release's sealed photographs by digest, these among them: those that aren't yet are sealed.

        Raises UsageError if the release names none, IntegrityError if one isn't named, RefusedError if the
        release doesn't hold today.
        """
        release = stored.signed.release
        for photo in photos:
            release.check_reference(photo.data)
        if stored.state is not State.SIGNED:
            raise RefusedError("The release isn't signed, or not any more.", "Have it signed first.")
        sealed = {
            photo.digest: self._vault.put((release.subject,), "reference", photo.data, of=release.id)
            for photo in photos
            if photo.digest not in stored.photos
        }
        self._vault.flush()
        return {**stored.photos, **sealed}

    def seal_scan(self, stored: StoredRelease, scan: bytes) -> tuple[BlobRef, ...]:
        """The release's scanned papers with one more, which is sealed for its subject."""
        release = stored.signed.release
        sealed = self._vault.put((release.subject,), "scan", scan, of=release.id)
        self._vault.flush()
        return (*stored.scans, sealed)

    def scans(self, stored: StoredRelease) -> list[bytes]:
        """The scanned papers of a release, whatever its state: they show what was signed."""
        return [self._vault.open(each) for each in stored.scans]

    def open(self, stored: StoredRelease) -> dict[str, bytes]:
        """The photographs that are here (`here`), by digest."""
        return {digest: self.open_one(sealed) for digest, sealed in here(stored).items()}

    def open_one(self, sealed: BlobRef) -> bytes:
        """One photograph that is here."""
        return self._vault.open(sealed)


def accepting(
    seen: Sequence[tuple[GivenPhoto, Sequence[Flaw]]], before: Accepted, *, accept: bool
) -> dict[str, tuple[str, ...]]:
    """What is doubtful about photographs and accepted, by digest: now, where `accept` says so, or before.

    seen: photographs with their flaws. Raises UsageError that names every photograph that may not be kept,
    and what to do.
    """
    bad = [(each.name, flaw) for each, flaws in seen for flaw in flaws if flaw.is_grave or not accept]
    if not bad:
        new = {each.digest: tuple(flaw.value for flaw in flaws) for each, flaws in seen if flaws}
        if new:
            _log.info("doubtful reference photographs accepted", photos=len(new))
        return {**before, **{each: (*before.get(each, ()), *flaws) for each, flaws in new.items()}}
    remedies = list(dict.fromkeys(flaw.remedy for _, flaw in bad))
    if not any(flaw.is_grave for _, flaw in bad):
        remedies.append(ACCEPT)
    raise UsageError(" ".join(f"{name} {flaw.message}" for name, flaw in bad), " ".join(remedies))


def here(stored: StoredRelease) -> dict[str, BlobRef]:
    """The sealed photographs by digest, the first named first; none where the release doesn't hold today."""
    named = stored.signed.release.shoot.references if stored.state is State.SIGNED else ()
    return {digest: stored.photos[digest] for digest in named if digest in stored.photos}


def lacks_reference(stored: StoredRelease) -> bool:
    """Whether a signed release names a photograph that isn't here."""
    named = stored.signed.release.shoot.references
    return stored.state is State.SIGNED and any(each not in stored.photos for each in named)
