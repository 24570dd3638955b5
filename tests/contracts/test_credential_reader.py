"""The contract of `CredentialReader`, over every adapter, with files signed here."""

from __future__ import annotations

import datetime
import io
import json
import pickle
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from volenti.adapters.credentials.c2pa import MEDIA_TYPES, C2paCredentials
from volenti.core.errors import UsageError
from volenti.perception.files.formats import signature
from volenti.perception.rights.credentials import (
    DAMAGED,
    NO_READER,
    CredentialReader,
    Credentials,
    carries_credentials,
)
from volenti.perception.rights.manifeststore import store_credentials
from volenti.perception.rights.reservation import ENTRIES, MiningEntry

c2pa = pytest.importorskip(
    "c2pa", reason="the c2pa package isn't installed: pip install 'volenti[credentials]'"
)

#: Made from a file of trust anchors, or None.
READERS: list[Callable[[Path | None], CredentialReader]] = [C2paCredentials]


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> CredentialReader:
    made: CredentialReader = request.param(None)
    return made


@dataclass(frozen=True)
class Signer:
    """A test authority and a signer it vouches for."""

    anchors: bytes
    chain: bytes
    key: bytes

    def sign(self, name: str, *assertions: dict[str, Any]) -> bytes:
        """A small picture of the format, with a signed manifest that makes these assertions."""
        plain, signed = io.BytesIO(), io.BytesIO()
        Image.linear_gradient("L").convert("RGB").save(plain, name)
        plain.seek(0)
        made = {
            "action": "c2pa.created",
            "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
        }
        manifest = {
            "claim_generator_info": [{"name": "volenti test", "version": "1"}],
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [made]}}, *assertions],
        }
        info = c2pa.C2paSignerInfo(b"es256", self.chain, self.key, None)
        with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest)) as builder:
            builder.sign(signer, MEDIA_TYPES[name], plain, signed)
        return signed.getvalue()


@pytest.fixture(scope="session")
def signer() -> Signer:
    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def certificate(subject: str, issuer: str, ca: bool) -> x509.Certificate:
        public = (ca_key if ca else key).public_key()
        usage = dict.fromkeys(
            (
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        usage |= {"digital_signature": not ca, "key_cert_sign": ca, "crl_sign": ca}
        day = datetime.timedelta(days=1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(issuer))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + 30 * day)
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), False)
        )
        if not ca:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False
            )
        return builder.sign(ca_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    root = certificate("Authority", "Authority", ca=True).public_bytes(pem)
    leaf = certificate("Photographer", "Authority", ca=False).public_bytes(pem)
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Signer(root, leaf + root, private)


@pytest.fixture(scope="session")
def photograph(signer: Signer) -> bytes:
    """A JPEG whose manifest refuses training."""
    return signer.sign("JPEG", mining(ai_training="notAllowed"))


def _name(text: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test")
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text), organisation])


def mining(**uses: str) -> dict[str, Any]:
    entries = {f"cawg.{entry}": {"use": use} for entry, use in uses.items()}
    return {"label": "cawg.training-mining", "data": {"entries": entries}}


def read(reader: CredentialReader, data: bytes) -> Credentials | None:
    return reader.read(data, signature(data))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_a_picture_without_credentials_has_none(reader: CredentialReader, name: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, name)
    assert read(reader, out.getvalue()) is None


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_entries_are_read_in_every_format(reader: CredentialReader, signer: Signer, name: str) -> None:
    found = read(reader, signer.sign(name, mining(ai_generative_training="notAllowed")))
    assert found is not None
    assert found.mining == (MiningEntry("ai_generative_training", "notAllowed"),)
    assert found.changed == ()
    assert found.unread == ""


@pytest.mark.parametrize("use", ["allowed", "notAllowed", "constrained"])
def test_all_four_entries_come_through_a_real_signature(
    reader: CredentialReader, signer: Signer, use: str
) -> None:
    found = read(reader, signer.sign("PNG", mining(**dict.fromkeys(ENTRIES, use))))
    assert found is not None
    assert set(found.mining) == {MiningEntry(entry, use) for entry in ENTRIES}


def test_a_constraint_in_either_spelling_comes_through(reader: CredentialReader, signer: Signer) -> None:
    entries = {
        "cawg.ai_training": {"use": "constrained", "constraint_info": "https://example.com/terms"},
        "cawg.data_mining": {"use": "constrained", "constraints_info": "ask first"},
    }
    found = read(reader, signer.sign("PNG", {"label": "cawg.training-mining", "data": {"entries": entries}}))
    assert found is not None
    assert {each.constraint for each in found.mining} == {"https://example.com/terms", "ask first"}


def test_a_signer_is_a_stranger_unless_an_anchor_vouches(signer: Signer, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors.pem"
    anchors.write_bytes(signer.anchors)
    data = signer.sign("JPEG")
    for make in READERS:
        stranger, known = read(make(None), data), read(make(anchors), data)
        assert stranger is not None
        assert known is not None
        assert stranger.untrusted == ("signingCredential.untrusted",)
        assert known == Credentials()


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_a_changed_pixel_is_seen_and_the_opt_out_stays(
    reader: CredentialReader, signer: Signer, name: str
) -> None:
    data = bytearray(signer.sign(name, mining(ai_training="notAllowed")))
    # Near the end lies the picture's own data in both formats, before the end marker.
    data[-24] ^= 1
    found = read(reader, bytes(data))
    assert found is not None
    assert "assertion.dataHash.mismatch" in found.changed
    assert found.mining == (MiningEntry("ai_training", "notAllowed"),)


def test_a_changed_assertion_is_seen(reader: CredentialReader, signer: Signer) -> None:
    data = signer.sign("PNG", mining(ai_training="notAllowed"))
    found = read(reader, data.replace(b"notAllowed", b"xotAllowed"))
    assert found is not None
    assert found.changed or found.unread


def test_a_store_cut_out_of_shape_is_unread_not_absent(reader: CredentialReader, signer: Signer) -> None:
    data = signer.sign("JPEG")
    start = data.index(b"jumdc2pa")
    found = read(reader, data[: start + 40] + bytes(400) + data[start + 440 :])
    assert found is not None
    assert found.changed or found.unread


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_raises(reader: CredentialReader, photograph: bytes, seed: int) -> None:
    data, chance = bytearray(photograph), random.Random(seed)
    for _ in range(chance.randint(1, 30)):
        data[chance.randrange(2, len(data))] = chance.randrange(256)
    if seed % 4 == 0:
        data = data[: chance.randrange(20, len(data))]
    found = read(reader, bytes(data))
    # What still looks like credentials is never passed over as if there were none.
    assert found is not None or not carries_credentials(bytes(data))


def test_credentials_in_a_format_without_a_place_for_them_are_unread(
    reader: CredentialReader, photograph: bytes
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "BMP")
    assert read(reader, out.getvalue() + photograph) == Credentials(unread=DAMAGED)


def test_a_reader_travels_to_a_worker_after_use(reader: CredentialReader, photograph: bytes) -> None:
    before = read(reader, photograph)
    assert before is not None
    assert read(pickle.loads(pickle.dumps(reader)), photograph) == before


def test_without_the_package_credentials_are_unread(
    photograph: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    assert C2paCredentials().read(photograph, "JPEG") == Credentials(unread=NO_READER)


def test_anchors_that_cannot_be_read_are_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        C2paCredentials(tmp_path / "none.pem")
    assert error.value.remedy


def _store(picture: bytes) -> bytes:
    """The manifest store of a signed PNG, which lies in a chunk of its own."""
    begins = picture.index(b"caBX") + 4
    return picture[begins : begins + int.from_bytes(picture[begins - 8 : begins - 4])]


@pytest.mark.parametrize("use", ["allowed", "notAllowed", "constrained", "perhaps"])
def test_a_store_in_a_file_of_its_own_says_what_it_says_in_the_picture(
    reader: CredentialReader, signer: Signer, use: str
) -> None:
    picture = signer.sign("PNG", mining(ai_training=use, data_mining=use))
    inside = read(reader, picture)
    assert inside is not None
    assert store_credentials(_store(picture)).mining == inside.mining


def test_a_store_that_is_cut_anywhere_is_read_as_a_whole_or_not_at_all(signer: Signer) -> None:
    whole = _store(signer.sign("PNG", mining(ai_training="notAllowed")))
    expected = store_credentials(whole).mining
    for end in range(0, len(whole), 97):
        with pytest.raises(ValueError, match=r"manifest|cut off|damaged|description"):
            store_credentials(whole[:end])
    for place in range(0, len(whole), 31):
        damaged = whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :]
        with suppress(ValueError):
            # A changed letter may change a name or a use: what is read then still isn't a permission.
            assert expected == () or all(each.use != "allowed" for each in store_credentials(damaged).mining)
