"""Content credentials by the C2PA SDK (c2pa-python over c2pa-rs), offline.

The SDK checks the hashes and signatures. A PEM file of trust anchors says whose certificates
are trusted; without it, no signer is. The SDK is told neither to fetch manifests nor to ask
whether a certificate was revoked.

The SDK is compiled code without limits of its own, so it gets only files that seem to carry
credentials, and none larger than pictures may be.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from volenti.core.canonical import parse_given
from volenti.core.errors import UsageError
from volenti.perception.files.picture import Limits
from volenti.perception.rights.credentials import (
    DAMAGED,
    ELSEWHERE,
    NO_READER,
    Credentials,
    carries_credentials,
    credentials_of,
)

#: The media type by which the SDK chooses how to read a file; other formats hold no credentials.
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
}


class C2paCredentials:
    """The `CredentialReader` port. Without the c2pa package it reads no credentials, and says so."""

    def __init__(self, anchors: Path | None = None) -> None:
        """anchors: a PEM file of certificates that are trusted. Raises UsageError where it can't be read."""
        self._settings: dict[str, Any] = {
            "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True}
        }
        if anchors is not None:
            try:
                self._settings["trust"] = {"trust_anchors": anchors.read_text()}
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError(
                    f"The trust anchors can't be read: {anchors}.", "Give a PEM file."
                ) from error
        self._context: Any = None

    def __getstate__(self) -> dict[str, Any]:
        # A worker makes its own context, because the SDK's can't be pickled.
        return {"_settings": self._settings, "_context": None}

    def read(self, data: bytes, kind: str) -> Credentials | None:
        """See the port."""
        embedded = carries_credentials(data)
        if not (embedded or b"provenance" in data) or kind not in MEDIA_TYPES:
            return Credentials(unread=DAMAGED) if embedded else None
        if len(data) > Limits().bytes_max:
            return Credentials(unread=DAMAGED)
        try:
            import c2pa
        except (ImportError, OSError):
            return Credentials(unread=NO_READER) if embedded else None
        try:
            if self._context is None:
                self._context = c2pa.Context.from_dict(self._settings)
            reader = c2pa.Reader(MEDIA_TYPES[kind], io.BytesIO(data), context=self._context)
            with reader:
                return credentials_of(parse_given(reader.json()))
        except c2pa.C2paError as error:
            return _unread(str(error), embedded)
        except ValueError:
            return Credentials(unread=DAMAGED)


def _unread(message: str, embedded: bool) -> Credentials | None:
    """What is said of a file that the SDK can't read, by the word that the SDK's message begins with."""
    if message.partition(":")[0] == "Remote":
        return Credentials(unread=ELSEWHERE)
    return Credentials(unread=DAMAGED) if embedded else None
