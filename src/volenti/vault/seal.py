"""Sealing: AES-256-GCM (NIST SP 800-38D) under keys that can be destroyed.

What belongs to several people is sealed under a key derived from all their keys:
once any one of these is destroyed, nobody can open it. The context (what the bytes
are and where they belong) is authenticated with them: bytes that were moved to
another place don't open.

Format: version byte 1, 12-byte random nonce, ciphertext, 16-byte tag.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from volenti.core.digest import derive
from volenti.core.errors import IntegrityError
from volenti.vault.ports import Row

VERSION = b"\x01"
OVERHEAD = 1 + 12 + 16
#: From so many bytes on, sealing avoids a copy of them.
LARGE = 2**17


def joint_key(keys: Sequence[bytes]) -> bytes:
    """The key of what several owners share; of one owner, a key derived from theirs.

    keys: 32 bytes each, in the order of the owners' identifiers.
    """
    return derive(b"".join(keys), "joint-key", salt=len(keys).to_bytes(4, "big"))


def seal(key: bytes, data: bytes, context: bytes) -> bytes:
    """`data` encrypted and authenticated together with `context`."""
    nonce = os.urandom(12)
    if len(data) < LARGE:
        return VERSION + nonce + AESGCM(key).encrypt(nonce, data, context)
    # Encrypted straight into the result: with a copy, many bytes take five times as long.
    sealed = bytearray(OVERHEAD + len(data))
    sealed[:1], sealed[1:13] = VERSION, nonce
    AESGCM(key).encrypt_into(nonce, data, context, memoryview(sealed)[13:])
    return cast(bytes, sealed)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """The inverse of `seal`; raises IntegrityError if a bit or the context differs."""
    if len(sealed) < OVERHEAD or sealed[:1] != VERSION:
        raise IntegrityError("A sealed record is damaged.", "Run `volenti audit` to see what else is.")
    try:
        return AESGCM(key).decrypt(sealed[1:13], memoryview(sealed)[13:], context)
    except InvalidTag as error:
        raise IntegrityError(
            "A sealed record doesn't open: its bytes, its place or its key isn't the one it was made with.",
            "Run `volenti audit` to see what else is affected.",
        ) from error


def context_of(row: Row) -> bytes:
    """What is authenticated with a row's body: all its fields in the clear, each with its length."""
    parts = ["row", row.kind, row.id, row.state, row.parent, str(row.position), *row.owners]
    said = b""
    for part in map(str.encode, parts):
        said += len(part).to_bytes(4, "big") + part
    return said
