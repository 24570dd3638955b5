"""The age format: what is written opens whole or not at all; what another implementation wrote opens, too."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from volenti.core import bech32
from volenti.core.age import AgeKey, AgeReader, AgeRecipient, AgeWriter
from volenti.core.errors import IntegrityError, UsageError

#: A key, and what rage (https://github.com/str4d/rage, by pyrage) encrypted to it, with a stanza for nobody.
RAGE_KEY = "AGE-SECRET-KEY-1VKGKP75UCZMNA7APSNJHAFNX338FE9TUXGJLXNMJJGQ93M30AHNQP3J050"
RAGE_PUBLIC = "age1evlrttx8xdav6vpf5q0jdh66wy0llsnxxjywgz0dazq63wkxss2sjsf0jz"
RAGE_FILE = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBoOG5pZXJaaldUejUzVitMSy8wWGVZa1dxN3RsZG4wbjc5UkVoMzB2U1VvCmpH"
    "MXUzcDRpeWJyZmdpbUxwK0UxSWE3UlNmcThZbmJtNUlIVzVHUFkyblUKLT4gVUNVJ2U4SS1ncmVhc2UgazhtUjlSIHtVLUhlb3dqIEdX"
    "IFxnQXIpCklhaFJJS2MKLS0tIElKaWxtU3ZXam9pY24xZ1gzSTNDUXl5eER6Yjlicm1EWWtjNDJhTkxHWTgKNmC/XLrdmqYc8dkra9Ka"
    "tCh8eu7FtPnkThHTUeICQlHz0tZEOs6kuU9PQb4vaSM="
)
KEY = AgeKey(b"k" * 32)
CHUNK = 65536


def encrypted(data: bytes, to: AgeRecipient = KEY.public, piece: int = 10_240) -> bytes:
    file = io.BytesIO()
    writer = AgeWriter(file, to)
    for at in range(0, len(data), piece):
        writer.write(data[at : at + piece])
    writer.close()
    return file.getvalue()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 200_000])
@pytest.mark.parametrize("piece", [1000, 10_240, 1 << 20])
def test_what_is_written_is_read(size: int, piece: int) -> None:
    data = os.urandom(size)
    reader = AgeReader(io.BytesIO(encrypted(data, piece=max(piece, 1))), KEY)
    found = b""
    while some := reader.read(piece):
        found += some
    assert found == data
    assert AgeReader(io.BytesIO(encrypted(data)), KEY).read() == data


def test_what_another_implementation_wrote_opens() -> None:
    key = AgeKey.parse(f"# created: some day\n# public key: {RAGE_PUBLIC}\n{RAGE_KEY}\n")
    assert (str(key.public), key.text) == (RAGE_PUBLIC, RAGE_KEY)
    assert AgeReader(io.BytesIO(base64.b64decode(RAGE_FILE)), key).read() == b"hello from age\n"


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
def test_what_was_changed_is_refused(how: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        AgeReader(io.BytesIO(CHANGED[how](THREE)), KEY).read()
    assert refused.value.remedy


def test_nothing_of_a_chunk_that_was_changed_is_handed_on() -> None:
    reader = AgeReader(io.BytesIO(flipped(THREE, START + WHOLE + 5)), KEY)
    assert len(reader.read(CHUNK)) == CHUNK
    with pytest.raises(IntegrityError):
        reader.read(1)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(IntegrityError, match="another key"):
        AgeReader(io.BytesIO(THREE), AgeKey.new())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        RAGE_PUBLIC[:-1],
        RAGE_PUBLIC[:-1] + "q",
        RAGE_PUBLIC.replace("age1", "agf1"),
        RAGE_KEY,
        f"# public key: {RAGE_PUBLIC}\n{RAGE_KEY}",
        bech32.encode("age", bytes(31)),
        "ssh-ed25519 AAAA",
    ],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        AgeRecipient.parse(text)
    assert refused.value.remedy
    assert RAGE_KEY[20:40] not in str(refused.value)


def test_nothing_is_encrypted_to_a_key_that_is_nobodys() -> None:
    with pytest.raises(IntegrityError, match="nobody's"):
        AgeWriter(io.BytesIO(), AgeRecipient(bytes(32)))


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


#: From BIP 173's own lists: texts that are Bech32, and texts that aren't.
GOOD = (
    "A12UEL5L",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
)
BAD = (
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "a12UEL5L",
)


@pytest.mark.parametrize("text", GOOD)
def test_texts_of_bech32_are_read(text: str) -> None:
    prefix, data = bech32.decode(text)
    assert bech32.encode(prefix, data) == text.lower()


@pytest.mark.parametrize("text", BAD)
def test_texts_that_are_no_bech32_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        bech32.decode(text)
