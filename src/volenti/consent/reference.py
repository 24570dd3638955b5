"""What is sealed with releases: the reference photograph that one names by its digest, and scanned papers.

A photograph is sealed and opened only while its release holds: once the release was
withdrawn or superseded, it isn't handed out any more. A release that names the same
photograph as the one it supersedes shares the sealed bytes, which lie in the subject's pack.
"""

from __future__ import annotations

from volenti.consent.records import State, StoredRelease
from volenti.core.errors import RefusedError
from volenti.vault.blob import BlobRef
from volenti.vault.service import Vault


class References:
    """Seals and opens reference photographs and scanned papers."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, stored: StoredRelease, photo: bytes) -> BlobRef:
        """Seal the photograph for the release's subject, unless that is done already.

        Raises UsageError if the release names none, IntegrityError if this isn't the one,
        RefusedError if the release doesn't hold today.
        """
        stored.signed.release.check_reference(photo)
        if stored.reference is not None:
            return stored.reference
        if stored.state is not State.SIGNED:
            raise RefusedError("The release isn't signed, or not any more.", "Have it signed first.")
        release = stored.signed.release
        reference = self._vault.put((release.subject,), "reference", photo, of=release.id)
        self._vault.flush()
        return reference

    def seal_scan(self, stored: StoredRelease, scan: bytes) -> tuple[BlobRef, ...]:
        """The release's scanned papers with one more, which is sealed for its subject."""
        release = stored.signed.release
        sealed = self._vault.put((release.subject,), "scan", scan, of=release.id)
        self._vault.flush()
        return (*stored.scans, sealed)

    def scans(self, stored: StoredRelease) -> list[bytes]:
        """The scanned papers of a release, whatever its state: they show what was signed."""
        return [self._vault.open(each) for each in stored.scans]

    def open(self, stored: StoredRelease) -> bytes | None:
        """The photograph; None where none was sealed, or the release doesn't hold any more."""
        if stored.reference is None or stored.state is not State.SIGNED:
            return None
        return self._vault.open(stored.reference)


def lacks_reference(stored: StoredRelease) -> bool:
    """Whether a signed release names a photograph that isn't here."""
    named = bool(stored.signed.release.shoot.reference)
    return named and stored.reference is None and stored.state is State.SIGNED
