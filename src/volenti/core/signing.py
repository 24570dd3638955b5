"""Ed25519 signatures (RFC 8032), keys as files.

The same key type signs releases, checkpoints and certificates. A public key
travels as base64 of its 32 bytes; a private key is kept as base64 of its seed in
a file only its owner can read.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from volenti.core.errors import IntegrityError

#: The field of Curve25519 (RFC 7748, section 4.1).
_P = 2**255 - 19
#: The y of two of the four points of order 8; the y of the two others is its negative.
_Y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
#: The y of the eight points of small order (computed in tests/unit/core/test_weak_keys.py). Under such a key
#: one signature fits nearly any message, so it is nobody's.
_SMALL_Y = frozenset((0, 1, _P - 1, _Y8, _P - _Y8))


#: What a file with a private key begins with, so that nobody takes it for a public one.
_PRIVATE = "private-ed25519:"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key, by its 32 raw bytes."""

    raw: bytes

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """From base64 text, as a key whose signatures are to be trusted; raises IntegrityError otherwise.

        Also where the key is weak (see `is_weak`): a signature under it needs nobody's secret.
        """
        return cls.read(text).checked()

    def checked(self) -> PublicKey:
        """The key itself; IntegrityError where it is weak."""
        if self.is_weak:
            raise IntegrityError(
                "This key is nobody's: anything can be signed under it.", "Have its owner make a new one."
            )
        return self

    @property
    def is_weak(self) -> bool:
        """Whether it is a point of small order, or not written as RFC 8032 says (section 5.1.2)."""
        y = int.from_bytes(self.raw, "little") & (2**255 - 1)
        return y >= _P or y in _SMALL_Y

    @classmethod
    def read(cls, text: str) -> PublicKey:
        """From base64 text in something on record, also a weak key; IntegrityError where it isn't a key."""
        try:
            raw = base64.b64decode(text.strip(), validate=True)
        except ValueError:
            raw = b""
        if text.strip().startswith(_PRIVATE):
            raise IntegrityError(
                "This is a private key, where a public one is asked for.",
                "Give the public key; whoever has a private key can sign with it, so show it to nobody.",
            )
        if len(raw) != 32:
            raise IntegrityError("This isn't an Ed25519 public key.", "Give base64 of 32 bytes.")
        return cls(raw)

    def __str__(self) -> str:
        return base64.b64encode(self.raw).decode()

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` over `message` was made by the holder of the private key."""
        if self.is_weak:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key, by its 32-byte seed. Its repr doesn't show the seed."""

    seed: bytes

    @classmethod
    def new(cls) -> SigningKey:
        """A new random key, from the operating system's generator."""
        return cls(os.urandom(32))

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """From a file that `save` wrote; raises IntegrityError where it isn't one."""
        return cls.read(path.read_bytes(), str(path))

    @classmethod
    def read(cls, content: bytes, called: str = "The file") -> SigningKey:
        """From the content of a key file; IntegrityError, which says what it is called, where it isn't."""
        try:
            # Files of earlier versions have no prefix.
            text = content.decode().strip().removeprefix(_PRIVATE)
            seed = base64.b64decode(text, validate=True)
        except ValueError:
            seed = b""
        if len(seed) != 32:
            raise IntegrityError(f"{called} doesn't hold a signing key.", "Restore it from a backup.")
        return cls(seed)

    def save(self, path: Path) -> None:
        """Write the seed to a new file with mode 0600."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(self.to_bytes())
            file.flush()
            os.fsync(file.fileno())

    def to_bytes(self) -> bytes:
        """A key file's content. Whoever reads it can sign with the key."""
        return _PRIVATE.encode() + base64.b64encode(self.seed) + b"\n"

    @property
    def public(self) -> PublicKey:
        """The public key that checks what this key signs."""
        return PublicKey(Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def __repr__(self) -> str:
        return f"SigningKey({self.public})"
