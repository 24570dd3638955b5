"""age: what is written opens whole or not at all, in bounded memory; what was made before opens, too."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

import pytest

from volenti.core.age import AgeKey, AgeReader, AgeRecipient, AgeWriter
from volenti.core.errors import IntegrityError, UsageError

#: A key, and what was encrypted to it before the library pyrage did that here.
KEY = AgeKey.parse("AGE-SECRET-KEY-1DD4KK6MTDD4KK6MTDD4KK6MTDD4KK6MTDD4KK6MTDD4KK6MTDD4SEZ8NP3")
PUBLIC = "age1s330k0c8nrulutpe7wprhdqu60hluu9mtjqhxklydg2rzdw9s32qpnjqcr"
FORMER = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSB1U3VUaG1RR3JUTlBhV01XUlU3bHZLa2lLY3FmTUVxWlZKNFVmamJuQ1NjClg4"
    "K242ekE0NzRuTm1lUUs2VlFiK0hVUG5CNDEzbGY5ejV1TUF3UmUyTEEKLS0tIDFyMnZ4ejJTbUtCMjJGNG8zZDhxb2MrM0NtNUNKdmgx"
    "MTdtYWRreDFKTGsKH9h+k7oyR1I1DWBVNwzje7Y5i5CHfeYI8KbqmZFscIjpPSofgjjqoBow7bmJrro73spHXAtgSue0Q233Cs1sf8KW"
    "n2g="
)
#: Keys of 31 and of 33 bytes, and one whose 32 bytes are zeros: nobody has its other half.
SHORT = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqar9jk6"
LONG = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzhlqeg"
NOBODYS = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"
SHORT_PRIVATE = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ6J6TAE"
CHUNK = 65536


def encrypted(data: bytes, to: AgeRecipient = KEY.public, piece: int = 10_240) -> bytes:
    file = io.BytesIO()
    written(file, to, (data[at : at + piece] for at in range(0, len(data), piece)))
    return file.getvalue()


def written(file: IO[bytes], to: AgeRecipient, pieces: Iterable[bytes]) -> None:
    with AgeWriter(file, to) as writer:
        for each in pieces:
            writer.write(each)


def decrypted(data: bytes, key: AgeKey = KEY) -> bytes:
    with AgeReader(io.BytesIO(data), key) as reader:
        return reader.read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 200_000])
@pytest.mark.parametrize("piece", [1000, 10_240, 1 << 20])
def test_what_is_written_is_read(size: int, piece: int) -> None:
    data, found = os.urandom(size), b""
    with AgeReader(io.BytesIO(encrypted(data, piece=piece)), KEY) as reader:
        while some := reader.read(piece):
            found += some
    assert found == data
    assert decrypted(encrypted(data)) == data


def test_what_was_made_before_opens() -> None:
    key = AgeKey.parse(f"# created: some day\n# public key: {PUBLIC}\n{KEY.text.lower()}\n")
    assert (key, str(key.public)) == (KEY, PUBLIC)
    assert decrypted(base64.b64decode(FORMER), key) == b"made before\n" * 3


def body_of(data: bytes) -> int:
    """Where a file's payload begins, after header and nonce."""
    return data.index(b"\n", data.index(b"\n--- ") + 1) + 1 + 16


THREE = encrypted(os.urandom(2 * CHUNK + 100))
START, WHOLE = body_of(THREE), CHUNK + 16
#: How a file may have been changed.
CHANGED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "not age": lambda data: b"x" + data[1:],
    "cut in the header": lambda data: data[:60],
    "cut in the nonce": lambda data: data[: START - 3],
    "without a chunk": lambda data: data[:START],
    "cut in the first chunk": lambda data: data[: START + 100],
    "cut between chunks": lambda data: data[: START + WHOLE],
    "cut before the last chunk": lambda data: data[: START + 2 * WHOLE],
    "cut by one byte": lambda data: data[:-1],
    "with more after it": lambda data: data + b"x",
    "with another file after it": lambda data: data + data,
    "chunks swapped": lambda data: (
        data[:START]
        + data[START + WHOLE : START + 2 * WHOLE]
        + data[START : START + WHOLE]
        + data[START + 2 * WHOLE :]
    ),
    "a chunk twice": lambda data: data[: START + WHOLE] + data[START:],
    "another's payload": lambda data: data[:START] + encrypted(os.urandom(2 * CHUNK + 100))[START:],
    "a bit of the header's key": lambda data: flipped(data, data.index(b"X25519") + 10),
    "a bit of the MAC": lambda data: flipped(data, data.index(b"\n--- ") + 10),
    "a bit of the nonce": lambda data: flipped(data, START - 1),
    "a bit of the last tag": lambda data: flipped(data, len(data) - 1),
}


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("how", CHANGED)
@pytest.mark.parametrize("piece", [-1, 1000, 1 << 20])
def test_what_was_changed_is_refused(how: str, piece: int) -> None:
    threads = threading.active_count()
    with AgeReader(io.BytesIO(CHANGED[how](THREE)), KEY) as reader, pytest.raises(IntegrityError) as refused:
        deque(iter(partial(reader.read, piece), b""), maxlen=0)
    assert refused.value.remedy
    assert threading.active_count() == threads


def test_nothing_of_a_chunk_that_was_changed_is_handed_on() -> None:
    with AgeReader(io.BytesIO(flipped(THREE, START + WHOLE + 5)), KEY) as reader:
        assert len(reader.read(CHUNK)) == CHUNK
        for _ in range(2):
            with pytest.raises(IntegrityError):
                reader.read(1)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(IntegrityError, match="another key"):
        decrypted(THREE, AgeKey.new())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        PUBLIC[:-1],
        PUBLIC[:-1] + "q",
        PUBLIC.replace("age1", "agf1"),
        PUBLIC.replace("s330", "S330"),
        KEY.text,
        f"# public key: {PUBLIC}\n{KEY.text}",
        SHORT,
        LONG,
        "ssh-ed25519 AAAA",
    ],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        AgeRecipient.parse(text)
    assert refused.value.remedy
    assert KEY.text[20:40] not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "no key", PUBLIC, KEY.text[:-1], f"{KEY.text}\n{KEY.text}", SHORT_PRIVATE, "# only this"]
)
def test_what_is_no_private_key_is_refused(text: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        AgeKey.parse(text)
    assert refused.value.remedy
    assert KEY.text[20:40] not in str(refused.value)


def test_nothing_is_encrypted_to_a_key_that_is_nobodys() -> None:
    with pytest.raises(IntegrityError, match="nobody's"):
        encrypted(bytes(1 << 20), AgeRecipient.parse(NOBODYS))


def test_a_key_is_kept_in_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "machine.key"
    KEY.save(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert AgeKey.load(file) == KEY
    assert KEY.text not in repr(KEY)
    with pytest.raises(UsageError):
        KEY.save(file)
    with pytest.raises(UsageError):
        AgeKey.load(tmp_path / "none.key")
    file.write_text("no key")
    with pytest.raises(IntegrityError):
        AgeKey.load(file)


# -- the library works in a thread: its errors surface here, and it ends with what it was started for


class Failing(io.BytesIO):
    """A file whose disk fails after some bytes."""

    def __init__(self, data: bytes = b"", after: int = 1000) -> None:
        super().__init__(data)
        self.after = after

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > self.after:
            raise OSError(5, "disk")
        return super().read(size)

    def write(self, data: object, /) -> int:
        if self.tell() > self.after:
            raise OSError(28, "full")
        return super().write(data)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [110_000, 5 << 20])
def test_a_disk_that_fails_is_told_as_such(size: int) -> None:
    threads = threading.active_count()
    with pytest.raises(OSError, match="full"):
        written(Failing(), KEY.public, [bytes(10_000)] * (size // 10_000))
    with AgeReader(Failing(encrypted(bytes(size))), KEY) as reader, pytest.raises(OSError, match="disk"):
        reader.read()
    assert threading.active_count() == threads


@pytest.mark.parametrize("size", [0, 10, CHUNK, 1 << 20])
def test_what_was_broken_off_while_it_was_written_never_opens(size: int) -> None:
    def pieces() -> Iterator[bytes]:
        yield bytes(size)
        raise KeyError

    file, threads = io.BytesIO(), threading.active_count()
    with pytest.raises(KeyError):
        written(file, KEY.public, pieces())
    with pytest.raises(IntegrityError):
        decrypted(file.getvalue())
    assert threading.active_count() == threads


def test_who_stops_reading_waits_for_nothing() -> None:
    threads, file = threading.active_count(), io.BytesIO(encrypted(bytes(5 << 20)))
    with AgeReader(file, KEY) as reader:
        assert reader.read(10) == bytes(10)
    assert threading.active_count() == threads
    assert file.tell() < 1 << 20


LARGE = """
import resource, sys
from volenti.core.age import AgeKey, AgeReader, AgeWriter
key, pieces = AgeKey.new(), 128
with open(sys.argv[1], "w+b") as file:
    for size in (1, pieces):
        file.seek(0)
        with AgeWriter(file, key.public) as writer:
            for _ in range(size):
                writer.write(bytes(1 << 20))
        file.truncate()
        file.seek(0)
        with AgeReader(file, key) as reader:
            assert sum(len(reader.read(1 << 20)) for _ in range(size + 1)) == size << 20
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_large_stream_takes_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    """Measured of the whole process: what the library takes, Python doesn't count."""
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(tmp_path / "large")], capture_output=True, text=True, check=True
    )
    small, large = map(int, done.stdout.split())
    assert (large - small) << 10 < 16 << 20
