"""Digests and keyed commitments.

A plain digest of a photograph is personal data: whoever has the photograph can
look it up. So what leaves the vault (log leaves, certificates, feeds, tombstones)
carries commitments under a key that can be destroyed instead: HMAC-SHA256
(RFC 2104), whose outputs say nothing to somebody without the key.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def commitment(key: bytes, data: bytes) -> bytes:
    """The 32-byte HMAC-SHA256 of `data` under `key`."""
    return hmac.digest(key, data, "sha256")


def derive(key: bytes, purpose: str, salt: bytes = b"") -> bytes:
    """A 32-byte key for one purpose, from another key (HKDF-SHA256, RFC 5869).

    32 bytes are one block of HKDF's, so its second step is a single HMAC.
    """
    extracted = hmac.digest(salt or bytes(32), key, "sha256")
    return hmac.digest(extracted, f"volenti/{purpose}".encode() + b"\x01", "sha256")
