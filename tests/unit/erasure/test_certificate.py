import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.log.memory import MemoryLogStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.core.canonical import canonical
from volenti.core.clock import system_clock
from volenti.core.digest import sha256
from volenti.core.errors import IntegrityError
from volenti.core.signing import SigningKey
from volenti.erasure.certificate import verify
from volenti.erasure.statement import envelope, pre_authentication, statement
from volenti.kinds import KINDS
from volenti.transparency.log import Log
from volenti.vault.event_log import EventLog
from volenti.vault.holder import Holders
from volenti.vault.records import Records

KEY = SigningKey(bytes(range(32)))


def make(key: SigningKey = KEY, before: int = 3, request: str = "req_1") -> bytes:
    records = Records(MemoryRegister(), MemoryKeyStore(), b"secret", KINDS, Holders())
    log = Log(MemoryLogStore(), "test.example/log", key)
    events = EventLog(log, records, system_clock)
    for number in range(before):
        events.record("something", {"n": number})
    body = statement({"request": request, "log": "test.example/log", "erased": {"key": 1}}, "ab" * 32)
    event = {"request": request, "statement_sha256": sha256(canonical(body))}
    index = events.record("erasure-completed", event)
    opening = records.require("event", f"{index:012d}").body
    return json.dumps(envelope(body, key, opening, log.prove(index)), indent=1).encode()


CERTIFICATE = make()


def test_a_certificate_verifies_with_the_public_key_alone() -> None:
    found = verify(CERTIFICATE, KEY.public)
    assert found.statement["predicate"]["request"] == "req_1"
    assert (found.log_index, found.log_size) == (3, 4)


def test_it_is_an_in_toto_statement_in_a_dsse_envelope() -> None:
    body = json.loads(CERTIFICATE)
    payload = base64.b64decode(body["payload"])
    assert body["payloadType"] == "application/vnd.in-toto+json"
    assert json.loads(payload)["_type"] == "https://in-toto.io/Statement/v1"
    signature = base64.b64decode(body["signatures"][0]["sig"])
    assert KEY.public.verifies(pre_authentication(payload), signature)


def test_pre_authentication_encodes_as_the_dsse_protocol_says() -> None:
    assert pre_authentication(b"hello") == b"DSSEv1 28 application/vnd.in-toto+json 5 hello"


def test_a_strangers_key_is_refused() -> None:
    with pytest.raises(IntegrityError, match="another key"):
        verify(CERTIFICATE, SigningKey.new().public)


def test_a_certificate_of_a_strangers_log_is_refused() -> None:
    with pytest.raises(IntegrityError, match=r"it is of the log .*, not of other.example/log"):
        verify(CERTIFICATE, KEY.public, origin="other.example/log")


@settings(max_examples=400)
@given(st.data())
def test_an_edit_of_any_byte_is_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(CERTIFICATE) - 1))
    value = data.draw(st.integers(0, 255))
    edited = CERTIFICATE[:at] + bytes([value]) + CERTIFICATE[at + 1 :]
    if edited == CERTIFICATE:
        return
    try:
        same = canonical(json.loads(edited)) == canonical(json.loads(CERTIFICATE))
    except ValueError:
        same = False
    if same:
        # White space between JSON tokens isn't part of what was said.
        verify(edited, KEY.public)
        return
    with pytest.raises(IntegrityError):
        verify(edited, KEY.public)


@pytest.mark.parametrize("junk", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"payload": 1}', b"9" * 5000])
def test_what_is_not_a_certificate_is_refused(junk: bytes) -> None:
    with pytest.raises(IntegrityError):
        verify(junk, KEY.public)


def test_the_log_entry_of_another_certificate_is_refused() -> None:
    mine, other = json.loads(CERTIFICATE), json.loads(make(request="req_2"))
    mine["transparency"] = other["transparency"]
    with pytest.raises(IntegrityError):
        verify(json.dumps(mine).encode(), KEY.public)
