"""age: encrypts a stream to somebody's public key (C2SP age, https://c2sp.org/age, age-encryption.org/v1).

Of the format this is what one X25519 recipient needs: files written here are opened by `age -d`, and files
that `age -r` writes for one of these keys are opened here. The stream is encrypted in chunks of 64 KiB, each
of which is authenticated with its number and whether it is the last: so nothing that was changed, cut off,
put in another place or added is ever handed on, and only one chunk is in memory at a time.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from volenti.core import bech32
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.files import create_file

_VERSION = b"age-encryption.org/v1"
_PUBLIC, _PRIVATE = "age", "age-secret-key-"
_LABEL = b"age-encryption.org/v1/X25519"
#: Bytes of a chunk, and of the tag after each.
_CHUNK, _TAG = 65536, 16
#: Longest line of a header and most lines of one: those of strangers, so they have a limit.
_LINE_MAX, _LINES_MAX = 4096, 256
_DAMAGED = "Copy the file again from where it was made; if that doesn't help, have it made anew."


@dataclass(frozen=True, slots=True)
class AgeRecipient:
    """A public key to encrypt to, by its 32 raw bytes. As text it is `age1...`."""

    raw: bytes

    @classmethod
    def parse(cls, text: str) -> AgeRecipient:
        """From its text; raises IntegrityError where it is none, also where it is a private key."""
        text = text.strip()
        if _PRIVATE in text.lower():
            raise IntegrityError(
                "This is a private key, where a public one is asked for.",
                "Give the line that begins with age1; whoever has the private key can open what is for it.",
            )
        return cls(_key_bytes(text, _PUBLIC))

    def __str__(self) -> str:
        return bech32.encode(_PUBLIC, self.raw)


@dataclass(frozen=True, slots=True)
class AgeKey:
    """A private key, by its 32 raw bytes; as text `AGE-SECRET-KEY-1...`. Its repr doesn't show it."""

    raw: bytes

    @classmethod
    def new(cls) -> AgeKey:
        """A new random key, from the operating system's generator."""
        return cls(os.urandom(32))

    @classmethod
    def parse(cls, text: str) -> AgeKey:
        """From its text, or a file's with comments; raises IntegrityError where it isn't one key."""
        lines = [line.strip() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
        if len(lines) != 1:
            raise IntegrityError("This isn't a file with one private key.", _KEY_REMEDY)
        return cls(_key_bytes(lines[0], _PRIVATE))

    @classmethod
    def load(cls, path: Path) -> AgeKey:
        """From a file that `save` or age-keygen wrote; UsageError or IntegrityError where it isn't one."""
        try:
            return cls.parse(path.read_text(errors="replace"))
        except OSError as error:
            raise UsageError(f"Can't read the key {path}: {error.strerror}.", "Check the path.") from error

    def save(self, path: Path) -> None:
        """Write the key to a new file with mode 0600; raises UsageError where that can't be done."""
        try:
            with create_file(path) as file:
                file.write(f"# public key: {self.public}\n{self.text}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UsageError(
                f"Can't write the key to {path}: {error.strerror}.", "Name a new file."
            ) from error

    @property
    def text(self) -> str:
        """The key as text. Whoever reads it can open what is encrypted to this key."""
        return bech32.encode(_PRIVATE, self.raw).upper()

    @property
    def public(self) -> AgeRecipient:
        """The public key that belongs to it."""
        return AgeRecipient(X25519PrivateKey.from_private_bytes(self.raw).public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"AgeKey({self.public})"


_KEY_REMEDY = (
    "Make a pair with `volenti package key FILE`: the file is the private key, what is printed the other."
)


class AgeWriter:
    """Writes encrypted into a file what is written to it; the file is whole once this was closed."""

    def __init__(self, file: IO[bytes], to: AgeRecipient) -> None:
        """file: open for writing; it stays open."""
        file_key, nonce = os.urandom(16), os.urandom(16)
        header = b"\n".join((_VERSION, *_stanza(file_key, to), b"---"))
        mac = hmac.digest(_hkdf(file_key, b"", b"header"), header, "sha256")
        file.write(header + b" " + _base64(mac) + b"\n" + nonce)
        self._file = file
        self._cipher = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
        self._waiting, self._number = bytearray(), 0

    def write(self, data: bytes) -> int:
        """Take in some bytes; a chunk is written once it is known that another follows."""
        self._waiting += data
        while len(self._waiting) > _CHUNK:
            self._chunk(bytes(self._waiting[:_CHUNK]), is_last=False)
            del self._waiting[:_CHUNK]
        return len(data)

    def close(self) -> None:
        """Write the last chunk. The file itself stays open."""
        self._chunk(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _chunk(self, data: bytes, *, is_last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, is_last), data, None))
        self._number += 1


class AgeReader:
    """Reads decrypted what is in a file. No byte is handed on before its chunk is known to be genuine."""

    def __init__(self, file: IO[bytes], key: AgeKey) -> None:
        """file: open where the encrypted stream begins. IntegrityError where it isn't for this key."""
        file_key = _file_key(file, key)
        nonce = file.read(16)
        if len(nonce) < 16:
            raise _damaged()
        self._cipher = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
        self._chunks = self._decrypted(file)
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all that are left; fewer only at the end. IntegrityError where it was changed."""
        found = bytearray(self._ready)
        while size < 0 or len(found) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                size = len(found)
                break
            found += chunk
        self._ready = bytes(found[size:]) if size >= 0 else b""
        return bytes(found[:size]) if size >= 0 else bytes(found)

    def _decrypted(self, file: IO[bytes]) -> Iterator[bytes]:
        number, chunk = 0, file.read(_CHUNK + _TAG)
        while True:
            # A whole chunk is the last one where nothing follows it; a shorter one always is.
            after = file.read(_CHUNK + _TAG) if len(chunk) == _CHUNK + _TAG else b""
            if len(chunk) < _TAG or (len(chunk) == _TAG and number > 0):
                raise _damaged()
            try:
                yield self._cipher.decrypt(_nonce(number, not after), chunk, None)
            except InvalidTag as error:
                raise _damaged() from error
            if not after:
                return
            number, chunk = number + 1, after


def _stanza(file_key: bytes, to: AgeRecipient) -> tuple[bytes, bytes]:
    """The two lines by which the recipient finds the file's key."""
    once = X25519PrivateKey.from_private_bytes(os.urandom(32))
    share = once.public_key().public_bytes_raw()
    wrapping = _wrapping(once, to.raw, share + to.raw)
    return (
        b"-> X25519 " + _base64(share),
        _base64(ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)),
    )


def _file_key(file: IO[bytes], key: AgeKey) -> bytes:
    """Read a header, and the file's key out of it; IntegrityError where it holds none for this key."""
    header, stanzas = file.readline(_LINE_MAX), list[tuple[list[bytes], bytes]]()
    if header != _VERSION + b"\n":
        raise _damaged()
    for _ in range(_LINES_MAX):
        line = file.readline(_LINE_MAX)
        if line.startswith(b"--- "):
            break
        if line.startswith(b"-> "):
            stanzas.append((line[3:-1].split(b" "), b""))
        elif stanzas and line.endswith(b"\n"):
            stanzas[-1] = (stanzas[-1][0], stanzas[-1][1] + line[:-1])
        else:
            raise _damaged()
        header += line
    found = next(filter(None, (_opened(words, body, key) for words, body in stanzas)), None)
    if found is None:
        raise IntegrityError(
            "This was encrypted to another key.", f"It doesn't open with the private key of {key.public}."
        )
    mac = hmac.digest(_hkdf(found, b"", b"header"), header + b"---", "sha256")
    if not hmac.compare_digest(line, b"--- " + _base64(mac) + b"\n"):
        raise _damaged()
    return found


def _opened(words: list[bytes], body: bytes, key: AgeKey) -> bytes | None:
    """The file's key in a stanza; None where the stanza isn't for this key."""
    if len(words) != 2 or words[0] != b"X25519":
        return None
    share, wrapped = _unbase64(words[1]), _unbase64(body)
    if len(share) != 32 or len(wrapped) != 16 + _TAG:
        return None
    try:
        private = X25519PrivateKey.from_private_bytes(key.raw)
        wrapping = _wrapping(private, share, share + key.public.raw)
        return ChaCha20Poly1305(wrapping).decrypt(bytes(12), wrapped, None)
    except (InvalidTag, ValueError):
        return None


def _wrapping(private: X25519PrivateKey, public: bytes, salt: bytes) -> bytes:
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise IntegrityError("This key is nobody's: anybody can open what is for it.", _KEY_REMEDY) from error
    return _hkdf(shared, salt, _LABEL)


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    """The bytes; none where it isn't the one base64 of any, without padding."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        return b""
    return data if _base64(data) == text else b""


def _key_bytes(text: str, prefix: str) -> bytes:
    try:
        found, raw = bech32.decode(text)
    except ValueError:
        found, raw = "", b""
    if found != prefix or len(raw) != 32:
        what = "public" if prefix == _PUBLIC else "private"
        raise IntegrityError(f"This isn't a {what} key of a machine.", _KEY_REMEDY)
    return raw


def _damaged() -> IntegrityError:
    return IntegrityError("The encrypted bytes aren't whole, or were changed.", _DAMAGED)
