"""Small things of core: errors, identifiers, clock, digests, canonical JSON, files, signing."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from volenti.core import identifiers
from volenti.core.canonical import canonical, parse
from volenti.core.clock import moment, stamp, system_clock
from volenti.core.digest import commitment, derive, sha256, sha256_file
from volenti.core.errors import (
    IntegrityError,
    NotUnicodeError,
    StorageError,
    UsageError,
    VolentiError,
    all_errors,
)
from volenti.core.files import destroy, remove_folder, write_atomically
from volenti.core.progress import track
from volenti.core.signing import PublicKey, SigningKey

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(), each, max_size=4),
    max_leaves=12,
)


def test_every_error_has_a_code_and_a_status_of_its_kind() -> None:
    found = all_errors()
    assert len(found) > 8
    assert all(error.code and error.__doc__ for error in found)
    assert all(error.__name__.endswith("Error") for error in found)


def test_an_error_is_its_message_and_keeps_its_remedy() -> None:
    error = UsageError("That isn't it.", "Try this.")
    assert str(error) == "That isn't it."
    assert error.remedy == "Try this."
    assert isinstance(error, VolentiError)


def test_new_identifiers_are_different_and_usable() -> None:
    made = {identifiers.new("sub") for _ in range(200)}
    assert len(made) == 200
    assert all(identifiers.check(each) == each for each in made)


@pytest.mark.parametrize("bad", ["", "..", "a/b", "a b", "-x", "x" * 65, "ä", "a\n"])
def test_what_cannot_name_a_file_is_not_an_identifier(bad: str) -> None:
    with pytest.raises(UsageError):
        identifiers.check(bad)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))
def test_a_stamp_reads_back_to_the_second(when: datetime) -> None:
    when = when.replace(tzinfo=UTC, microsecond=0)
    assert moment(stamp(when)) == when


def test_the_system_clock_is_utc_and_whole_seconds() -> None:
    now = system_clock()
    assert now.tzinfo is UTC
    assert now.microsecond == 0


@given(JSON)
def test_canonical_json_is_one_form_and_reads_back(value: object) -> None:
    data = canonical(value)
    assert parse(data) == value
    assert canonical(json.loads(json.dumps(value))) == data


def test_canonical_json_sorts_and_packs() -> None:
    assert canonical({"b": 1, "a": [True, None]}) == b'{"a":[true,null],"b":1}'


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-3000, 3000).map(lambda x: round(x, 2))


@given(
    st.recursive(
        JSON | NUMBERS,
        lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=3), each, max_size=4),
        max_leaves=12,
    )
)
def test_canonical_json_is_what_the_standards_own_package_writes(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value", [-0.0, 1.0, 1e-4, 9.9e-5, 1e-7, 1e15, 1e16, 1e21, 2.0**53, 5e-324, 123456789.125, 0.1 + 0.2]
)
def test_numbers_are_written_as_the_standard_says(value: float) -> None:
    assert canonical([value, -value]) == rfc8785.dumps([value, -value])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, {1: 2}, b"x", {"a": object()}])
def test_what_is_not_json_is_not_written(value: object) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(value)


@pytest.mark.parametrize("value", ["\ud800", "M\udcfcller", {"\udcfc": 1}, [{"\u1ec5": "\udcfc"}]])
def test_a_text_that_is_not_unicode_is_refused_and_not_repeated(value: object) -> None:
    with pytest.raises(NotUnicodeError) as caught:
        canonical(value)
    assert caught.value.remedy
    assert "ller" not in caught.value.message


def test_digests_agree_with_the_standard() -> None:
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_commitment_depends_on_its_key() -> None:
    assert commitment(b"k", b"x") != commitment(b"l", b"x")
    assert len(commitment(b"k", b"x")) == 32


def test_a_derived_key_depends_on_purpose_and_salt() -> None:
    key = bytes(32)
    assert len({derive(key, "a"), derive(key, "b"), derive(key, "a", b"salt")}) == 3


@given(st.binary(max_size=80), st.text(max_size=20), st.binary(max_size=80))
def test_a_derived_key_is_hkdfs(key: bytes, purpose: str, salt: bytes) -> None:
    other = HKDF(SHA256(), 32, salt=salt or None, info=f"volenti/{purpose}".encode())
    assert derive(key, purpose, salt) == other.derive(key)


def test_a_file_digest_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 100_000)
    assert sha256_file(tmp_path / "f") == sha256(b"x" * 100_000)


def test_writing_replaces_whole_and_leaves_no_parts(tmp_path: Path) -> None:
    path = tmp_path / "new" / "f"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["f"]


def test_a_write_that_cannot_be_done_is_told_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        write_atomically(tmp_path / "file" / "below", b"x")
    assert (tmp_path / "file").read_bytes() == b""


def test_destroying_overwrites_before_it_unlinks(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"secret")
    other = tmp_path / "same-inode"
    other.hardlink_to(path)
    destroy(path)
    assert not path.exists()
    assert other.read_bytes() == bytes(6)


def test_destroying_what_is_not_there_is_fine(tmp_path: Path) -> None:
    destroy(tmp_path / "nothing")
    assert remove_folder(tmp_path / "nothing") == 0


def test_removing_a_folder_counts_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "f").write_bytes(b"123")
    assert remove_folder(tmp_path / "a") == 3
    assert not (tmp_path / "a").exists()


@given(st.binary(max_size=200), st.binary(max_size=10))
def test_a_signature_holds_for_its_message_alone(message: bytes, more: bytes) -> None:
    key = SigningKey(bytes(32))
    signature = key.sign(message)
    assert key.public.verifies(message, signature)
    assert not key.public.verifies(message + b"x" + more, signature)
    assert not SigningKey(b"\1" * 32).public.verifies(message, signature)


def test_keys_survive_files_and_text_and_never_print_their_seed(tmp_path: Path) -> None:
    key = SigningKey.new()
    key.save(tmp_path / "signing.key")
    assert SigningKey.load(tmp_path / "signing.key") == key
    assert PublicKey.parse(str(key.public)) == key.public
    assert (tmp_path / "signing.key").stat().st_mode & 0o077 == 0
    assert key.seed.hex() not in repr(key)
    with pytest.raises(FileExistsError):
        key.save(tmp_path / "signing.key")


@pytest.mark.parametrize("text", ["", "not base64!", "AAAA"])
def test_what_is_not_a_key_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(IntegrityError):
        PublicKey.parse(text)
    (tmp_path / "k").write_text(text)
    with pytest.raises(IntegrityError):
        SigningKey.load(tmp_path / "k")


def test_progress_is_told_of_each_item_and_the_end() -> None:
    told: list[object] = []

    class Listener:
        def begin(self, what: str, total: int | None) -> None:
            told.append((what, total))

        def advance(self, steps: int = 1, note: str = "") -> None:
            told.append(steps)

        def end(self) -> None:
            told.append("end")

    assert list(track(Listener(), "Counting", [1, 2])) == [1, 2]
    assert told == [("Counting", 2), 1, 1, "end"]


def test_a_private_key_isnt_taken_for_a_public_one(tmp_path):
    SigningKey.new().save(tmp_path / "ada.key")
    with pytest.raises(IntegrityError, match="private key"):
        PublicKey.parse((tmp_path / "ada.key").read_text())


def test_a_private_key_of_an_earlier_version_is_read(tmp_path):
    key = SigningKey.new()
    (tmp_path / "old.key").write_text(base64.b64encode(key.seed).decode() + "\n")
    assert SigningKey.load(tmp_path / "old.key") == key
