"""age: encrypts a stream to somebody's public key (https://c2sp.org/age), by the library pyrage.

The library pulls what it encrypts and pushes what it decrypted. Here it is the other way round: a tar is
pushed to be encrypted, and pulled once it is decrypted. So the library runs in a thread of its own, at one
end of a pipe, and only what fits into the pipe and one chunk of 64 KiB is in memory. age authenticates each
chunk with its number and whether it is the last: nothing that was changed, cut off, put in another place or
added is ever handed on.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO, Self

from volenti.core.errors import IntegrityError, UsageError
from volenti.core.files import create_file

_PRIVATE = "age-secret-key-"
#: Bytes that are moved through a pipe at a time.
_BUFFER = 65536
_KEY_REMEDY = (
    "Make a pair with `volenti package key FILE`: the file is the private key, what is printed the other."
)
_DAMAGED = "Copy the file again from where it was made; if that doesn't help, have it made anew."


@dataclass(frozen=True, slots=True)
class AgeRecipient:
    """A public key to encrypt to, by its text: `age1...`."""

    text: str

    @classmethod
    def parse(cls, text: str) -> AgeRecipient:
        """From its text; raises IntegrityError where it is none, also where it is a private key."""
        from pyrage import RecipientError, x25519

        text = text.strip()
        if _PRIVATE in text.lower():
            raise IntegrityError(
                "This is a private key, where a public one is asked for.",
                "Give the line that begins with age1; whoever has the private key can open what is for it.",
            )
        try:
            return cls(str(x25519.Recipient.from_str(text)))
        except RecipientError as error:
            raise IntegrityError("This isn't a public key of a machine.", _KEY_REMEDY) from error

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, repr=False)
class AgeKey:
    """A private key, by its text: `AGE-SECRET-KEY-1...`. Whoever reads it can open what is encrypted to it.

    Its repr shows the public key.
    """

    text: str

    @classmethod
    def new(cls) -> AgeKey:
        """A new random key, from the operating system's generator."""
        from pyrage import x25519

        return cls(str(x25519.Identity.generate()))

    @classmethod
    def parse(cls, text: str) -> AgeKey:
        """From its text, or a file's with comments; raises IntegrityError where it isn't one key."""
        from pyrage import IdentityError, x25519

        lines = [line.strip() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
        if len(lines) != 1:
            raise IntegrityError("This isn't a file with one private key.", _KEY_REMEDY)
        try:
            return cls(str(x25519.Identity.from_str(lines[0])))
        except IdentityError as error:
            raise IntegrityError("This isn't a private key of a machine.", _KEY_REMEDY) from error

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
    def public(self) -> AgeRecipient:
        """The public key that belongs to it."""
        from pyrage import x25519

        return AgeRecipient(str(x25519.Identity.from_str(self.text).to_public()))

    def __repr__(self) -> str:
        return f"AgeKey({self.public})"


class AgeWriter:
    """Writes encrypted into a file what is written to it.

    For a `with`: the file is whole once that ended, unless by an error; then its end is missing, and it opens
    nowhere to its end.
    """

    def __init__(self, file: IO[bytes], to: AgeRecipient) -> None:
        """file: open for writing; it stays open, and nobody else writes to it before the end."""
        from pyrage import encrypt_io, x25519

        key = x25519.Recipient.from_str(to.text)
        theirs, self._pipe = _pipe()
        self._pushed, self._file = _Watched(theirs), _Watched(file)
        self._library = _Library(lambda: encrypt_io(self._pushed, self._file, [key]), theirs)

    def write(self, data: bytes) -> int:
        """Take in some bytes. Raises what the file raised, or IntegrityError where nothing can be encrypted
        to the key."""
        try:
            return self._pipe.write(data)
        except BrokenPipeError:
            self._finish()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pushed.is_broken_off = error is not None
        with suppress(BrokenPipeError):
            self._pipe.close()
        if error is None:
            self._finish()
        else:
            self._library.error()

    def _finish(self) -> None:
        error = self._library.error()
        if self._file.error is not None:
            raise self._file.error
        if error is not None:
            # The library panics where a key has no other half: with such a key everybody has it.
            raise IntegrityError(
                "Nothing can be encrypted to this key: it is nobody's.", _KEY_REMEDY
            ) from error


class AgeReader:
    """Reads decrypted what is in a file. No byte is handed on before its chunk is known to be genuine.

    For a `with`, after which the file is read no more.
    """

    def __init__(self, file: IO[bytes], key: AgeKey) -> None:
        """file: open where the encrypted stream begins; nobody else reads from it before the end."""
        from pyrage import decrypt_io, x25519

        self._key = key
        identity = x25519.Identity.from_str(key.text)
        self._pipe, theirs = _pipe()
        self._file = _Watched(file)
        self._library = _Library(lambda: decrypt_io(self._file, _Watched(theirs), [identity]), theirs)

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all that are left; fewer only at the end.

        Raises IntegrityError where the stream isn't for the key, isn't whole, or was changed; and what the
        file raised.
        """
        found = self._pipe.read(size)
        if size < 0 or len(found) < size:
            self._require_whole()
        return found

    def _require_whole(self) -> None:
        from pyrage import DecryptError

        error = self._library.error()
        if self._file.error is not None:
            raise self._file.error
        if isinstance(error, DecryptError):
            raise IntegrityError(
                f"This doesn't open with the private key of {self._key.public}: it was encrypted to another "
                "key, isn't whole, or was changed.",
                _DAMAGED,
            ) from error
        if error is not None:
            raise IntegrityError("The encrypted bytes aren't whole, or were changed.", _DAMAGED) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Where not everything was read, the library finds that nobody takes what it writes, and stops.
        self._pipe.close()
        self._library.error()


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    """The end that is read from, and the one that is written to."""
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb", _BUFFER), os.fdopen(writing, "wb", _BUFFER)


class _Library:
    """A call of the library in a thread of its own. At its end it closes its end of the pipe."""

    def __init__(self, call: Callable[[], None], end: IO[bytes]) -> None:
        self._call = call
        self._end = end
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="age", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._call()
            self._end.flush()
        except BaseException as error:  # A panic of the library is no Exception.
            self._error = error
        finally:
            with suppress(OSError):
                self._end.close()

    def error(self) -> BaseException | None:
        """Wait for the call to end; returns what it raised."""
        self._thread.join()
        return self._error


class _Watched:
    """A file that keeps the error it raised: of that the library's own error has only the words."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: BaseException | None = None
        #: Reading it never comes to an end, because who wrote it didn't.
        self.is_broken_off = False

    def read(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except BaseException as error:
            self.error = error
            raise
        if self.is_broken_off:
            raise EOFError
        return data

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except BaseException as error:
            self.error = error
            raise

    def flush(self) -> None:
        pass
