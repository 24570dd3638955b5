"""Whatever is given for a certificate, the answer is one: it holds, or a clean error and its exit status."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.calling import SURE, Answer, asked_for, volenti
from tests.studio import RECIPE, Studio
from volenti import certificates
from volenti.core.canonical import canonical
from volenti.core.digest import commitment, sha256
from volenti.core.errors import IntegrityError, UsageError, VolentiError
from volenti.core.signing import SigningKey
from volenti.erasure.certificate import verify
from volenti.erasure.statement import envelope
from volenti.folder import secrets_of
from volenti.requests.outcome import personal
from volenti.standalone import certificate_pdf
from volenti.transparency.log import Log

QUIET = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


#: What is put in the place of each field.
INSTEAD: list[Any] = [
    *(None, 0, -1, 2**70, 1.5, True, "", "\ud800", "\x00", "text", [], [1], [[]], {}, {"a": None}),
    nested(200),
]


class Given:
    """A workspace where somebody was erased, its certificate, and a folder to give others in."""

    def __init__(self, folder: Path) -> None:
        studio = Studio.open(folder, on_disk=True)
        studio.shoot("ann", "bob", "cid", "dee")
        studio.trained(RECIPE)
        studio.parts.exports.export(studio.parts.datasets.snapshot("humans"), folder / "export")
        request = studio.ws.requests.open("erasure", "ann", identity="in-person")
        self.workspace = studio.ws.path
        outcome = studio.ws.requests.run(request.id)
        assert outcome.opening is not None
        self.certificate = personal(outcome.certificate, outcome.opening)
        self.statement = json.loads(base64.b64decode(self.certificate["payload"]))
        self.studio = studio
        self.file = folder / "certificate.json"
        _, self.signing = secrets_of(studio.ws.path)

    def verified(self, data: bytes, *more: object) -> Answer:
        """As the command line answers, for people and for programs; a traceback would be raised here."""
        self.file.write_bytes(data)
        call = ("certificate", "verify", self.file, "--key", self.workspace / "public-key", *more)
        answer, told = volenti(*call), volenti(*call, "--json")
        assert answer.status == told.status
        assert answer.status in (0, 1)
        assert told.json["ok"] is (answer.status == 0)
        if answer.status:
            assert "certificate holds" not in answer.out
        return answer

    def signed(self, statement: Any) -> bytes:
        """A certificate of anything, as whoever has the workspace's key can make it."""
        payload = canonical(statement)
        event = {
            "kind": "erasure-completed",
            "at": "2026-01-01T00:00:00Z",
            "body": {"statement_sha256": sha256(payload)},
        }
        key = bytes(32)
        from volenti.adapters.log.memory import MemoryLogStore

        log = Log(MemoryLogStore(), self.studio.parts.log.origin, self.signing)
        log.append([commitment(key, canonical(event))])
        opening = {"event": event, "key": key.hex()}
        return json.dumps(envelope(statement, self.signing, opening, log.prove(0))).encode()


@pytest.fixture(scope="module")
def given_one(tmp_path_factory: pytest.TempPathFactory) -> Given:
    return Given(tmp_path_factory.mktemp("given"))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every field of a document lies."""
    yield path
    if isinstance(value, dict):
        for name, each in value.items():
            yield from places(each, (*path, name))
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from places(each, (*path, number))


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with something else at a place."""
    if not path:
        return value
    whole = json.loads(json.dumps(document))
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return whole


def test_it_holds_as_it_is(given_one: Given) -> None:
    assert given_one.verified(json.dumps(given_one.certificate).encode()).status == 0
    assert given_one.verified(given_one.signed(given_one.statement)).status == 0


@QUIET
@given(junk=st.binary(max_size=200))
def test_random_bytes(given_one: Given, junk: bytes) -> None:
    assert given_one.verified(junk).status == 1


@QUIET
@given(junk=JSON)
def test_random_json(given_one: Given, junk: Any) -> None:
    assert given_one.verified(json.dumps(junk).encode()).status == 1


@pytest.mark.parametrize("junk", [b"[" * 10**5, b'{"payload":' * 10**5, b"9" * 10**5, b"\xef\xbb\xbf{}"])
def test_depth_and_length(given_one: Given, junk: bytes) -> None:
    assert given_one.verified(junk).status == 1


@settings(QUIET, max_examples=300)
@given(junk=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_junk(given_one: Given, junk: bytes) -> None:
    with pytest.raises(IntegrityError):
        verify(junk, given_one.signing.public)


def test_every_field_replaced(given_one: Given) -> None:
    whole = given_one.certificate
    for path in places(whole):
        for value in INSTEAD:
            other = changed(whole, path, value)
            if json.dumps(other) != json.dumps(whole):
                with pytest.raises(IntegrityError):
                    verify(json.dumps(other).encode(), given_one.signing.public)


@settings(QUIET, max_examples=40)
@given(data=st.data())
def test_every_field_of_the_statement_replaced_and_signed_anew(given_one: Given, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(places(given_one.statement))))
    value = data.draw(st.sampled_from(INSTEAD) | JSON)
    try:
        signed = given_one.signed(changed(given_one.statement, path, value))
    except (ValueError, TypeError, RecursionError):
        return  # what can't be written in canonical form can't be signed either
    with suppress(VolentiError):
        certificate_pdf(signed, given_one.signing.public)
    given_one.verified(signed)


@pytest.mark.parametrize("name", [None, "", 0, [], {}])
def test_a_log_without_a_name_is_refused(given_one: Given, name: Any) -> None:
    signed = given_one.signed(changed(given_one.statement, ("predicate", "log"), name))
    assert given_one.verified(signed).status == 1


def test_a_page_is_made_of_nothing_else(given_one: Given) -> None:
    """Each text that a page is made of, replaced by what is none, by whoever has the key."""
    predicate = given_one.statement["predicate"]
    for name in (*predicate, "identified", "extended", "kept", "attacks"):
        for value in (0, [], {"a": 1}, "\x1b[2J"):
            statement = {**given_one.statement, "predicate": {**predicate, name: value}}
            with suppress(VolentiError):
                certificate_pdf(given_one.signed(statement), given_one.signing.public)


def test_it_is_compared_with_a_later_log(given_one: Given, tmp_path: Path) -> None:
    data, log = json.dumps(given_one.certificate).encode(), given_one.workspace / "log"
    older = shutil.copytree(log, tmp_path / "older")
    given_one.studio.parts.events.record("something", {})
    for place in (log, given_one.workspace, older):
        answer = given_one.verified(data, "--log", place)
        assert answer.status == 0
        assert "only added" in answer.out


def test_a_log_that_went_back_or_says_something_else_is_told(given_one: Given, tmp_path: Path) -> None:
    from volenti.adapters.log.files import FileLogStore

    data = json.dumps(given_one.certificate).encode()
    size = given_one.studio.parts.log.size
    for name, entries in (("short", 3), ("forked", size + 5)):
        other = Log(FileLogStore(tmp_path / name), given_one.studio.parts.log.origin, given_one.signing)
        other.append([b"%d" % number for number in range(entries)])
        assert given_one.verified(data, "--log", tmp_path / name).status == 1
    assert given_one.verified(data, "--log", tmp_path / "nothing").status == 1
    another = Log(
        FileLogStore(tmp_path / "another"), given_one.studio.parts.log.origin, SigningKey(os.urandom(32))
    )
    another.append([b"%d" % number for number in range(size)])
    assert given_one.verified(data, "--log", tmp_path / "another").status == 1


def test_python_checks_it_by_the_same_files(given_one: Given) -> None:
    certificate, key = given_one.file, given_one.workspace / "public-key"
    certificate.write_text(json.dumps(given_one.certificate))
    checked = certificates.verify(certificate, key, log=str(given_one.workspace))
    assert (checked.verified.about, checked.stated.left) == ("ann", 0)
    assert set(checked.stated.replaced) == set(given_one.statement["predicate"]["constituents_after"])
    assert checked.log_now is not None
    public = given_one.studio.ws.public_key
    assert certificates.verify(certificate.read_bytes(), public).log_now is None
    assert certificates.page(certificate, key) == certificates.page(certificate.read_bytes(), public)
    shown = given_one.studio.ws.certificates.show()
    assert shown["payload"] == given_one.certificate["payload"]
    with pytest.raises(UsageError):
        certificates.verify("nowhere.json", key)


def test_without_a_request_the_latest_one_s_certificate_is_shown_as_the_help_says(studio: Path) -> None:
    assert "the latest by default" in volenti("certificate", "show", "--help").out
    first, second = (asked_for(studio, "--subject", f"sub_0{number}") for number in (1, 2))
    for each in (first, second):
        assert volenti("request", "run", each, *SURE, workspace=studio).status == 0
    shown = volenti("certificate", "show", workspace=studio)
    assert shown.out == volenti("certificate", "show", second, workspace=studio).out
