"""Serving by HTTPS: with a certificate of one's own, and behind a proxy that alone is believed."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx2 as httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.testclient import TestClient

import volenti
from tests.web.conftest import PASSWORD
from volenti.core.errors import UsageError
from volenti.web.application import application
from volenti.web.serving import Listening, configured
from volenti.web.workspaces import Workspaces

NAME, PROXY = "volenti.example.org", "192.0.2.10"
Behind = Callable[..., TestClient]


def self_signed(folder: Path, name: str = "site") -> tuple[Path, Path]:
    """A certificate of this machine's, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


@contextmanager
def served(at: Path, listening: Listening) -> Iterator[int]:
    made = application(Workspaces(partial(volenti.open, at)), is_https=listening.is_https)
    server = uvicorn.Server(configured(made, listening))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


def test_with_a_certificate_it_speaks_https_and_no_broken_version_of_it(at: Path, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    with served(at, Listening("127.0.0.1", 0, certificate, key)) as port:
        trusted = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(base_url=f"https://localhost:{port}", verify=trusted) as client:
            said = {"login": "officer@example.org", "password": PASSWORD}
            answer = client.post("/sign-in", data=said, headers={"origin": f"https://localhost:{port}"})
            assert answer.status_code == 303
            assert "server" not in answer.headers
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-volenti=")
            for flag in ("; HttpOnly", "; Secure", "; SameSite=lax", "; Path=/"):
                assert flag.lower() in cookie.lower()
            assert "domain" not in cookie.lower()
        for version, is_taken in ((ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_1, False)):
            assert handshakes(port, certificate, version) is is_taken


def handshakes(port: int, certificate: Path, version: ssl.TLSVersion) -> bool:
    context = ssl.create_default_context(cafile=str(certificate))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", port)) as plain:
        try:
            with context.wrap_socket(plain, server_hostname="localhost"):
                return True
        except (ssl.SSLError, ConnectionError):
            return False


def test_no_broken_version_is_configured(at: Path, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    made = application(Workspaces(partial(volenti.open, at)), is_https=True)
    config = configured(made, Listening("127.0.0.1", 0, certificate, key))
    assert config.ssl
    assert config.ssl.minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_port_that_is_taken_is_told_before_anything_is_served(at: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}") as caught:
            volenti.serve(at, port=port)
    assert "--port" in caught.value.remedy


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"host": "0.0.0.0"}, "without HTTPS"),
        ({"key": "site.key"}, "no certificate"),
        ({"certificate": "nowhere.pem", "key": "site.key"}, "can't be used"),
        ({"certificate": "site.pem", "key": "other.key"}, "can't be used"),
        ({"certificate": "site.key", "key": "site.key"}, "can't be used"),
        ({"proxy": "proxy.example.org"}, "no address of a proxy"),
    ],
)
def test_what_can_t_be_served_is_said_before(
    at: Path, tmp_path: Path, given: dict[str, str], said: str
) -> None:
    self_signed(tmp_path), self_signed(tmp_path, "other")
    files = {name: tmp_path / text for name, text in given.items() if name in ("certificate", "key")}
    with pytest.raises(UsageError, match=said) as refused:
        volenti.serve(at, **{**given, **files})
    assert refused.value.remedy


@pytest.fixture
def behind(at: Path) -> Behind:
    """A browser whose requests come from an address, to an application behind a proxy."""

    def make(comes_from: str = PROXY, scheme: str = "http") -> TestClient:
        workspaces = Workspaces(partial(volenti.open, at))
        made = application(workspaces, hosts=[NAME], is_https=True, proxies=[PROXY])
        return TestClient(
            made, base_url=f"{scheme}://{NAME}", client=(comes_from, 5000), follow_redirects=False
        )

    return make


@pytest.mark.parametrize("comes_from", ["127.0.0.1", "192.0.2.11", "::1", "testclient"])
def test_only_the_proxy_is_answered(behind: Behind, comes_from: str) -> None:
    said = {"x-forwarded-for": PROXY, "x-forwarded-proto": "https"}
    assert behind(comes_from).get("/sign-in", headers=said).status_code == 403
    assert behind().get("/sign-in", headers=said).status_code == 200


def test_what_came_in_the_clear_is_sent_to_https_of_the_same_name(behind: Behind) -> None:
    said = {"x-forwarded-proto": "http"}
    answer = behind().get("/desk?a=%0d%0aSet-Cookie:b=1", headers=said)
    assert answer.status_code == 308
    assert answer.headers["location"] == f"https://{NAME}/desk?a=%0d%0aSet-Cookie:b=1"
    elsewhere = behind().get(f"http://{NAME}//evil.example/a", headers=said)
    assert elsewhere.headers["location"] == f"https://{NAME}//evil.example/a"
    assert behind().post("/sign-in", headers=said).status_code == 403
    assert behind().get("/", headers={**said, "host": "evil.example"}).status_code == 400
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, nonsense", PROXY),
        ("", PROXY),
        ("2001:db8::9", "2001:db8::9"),
    ],
)
def test_of_several_addresses_the_one_that_the_proxy_added_counts(
    behind: Behind, monkeypatch: pytest.MonkeyPatch, forwarded: str, counted: str
) -> None:
    met: list[str] = []
    from volenti.workspace.users import Users

    real = Users.sign_in
    monkeypatch.setattr(
        Users, "sign_in", lambda *given, address="": met.append(address) or real(*given, address=address)
    )
    wrong = {"login": "nobody", "password": "x"}
    behind().post("/sign-in", data=wrong, headers={"x-forwarded-for": forwarded})
    assert met == [counted]


def test_behind_a_proxy_forms_come_from_https(behind: Behind) -> None:
    said = {"login": "officer@example.org", "password": PASSWORD}
    secret = {"x-forwarded-proto": "https", "origin": f"https://{NAME}"}
    assert behind().post("/sign-in", data=said, headers=secret).status_code == 303
    clear = {**secret, "origin": f"http://{NAME}"}
    assert behind().post("/sign-in", data=said, headers=clear).status_code == 403


def test_a_page_that_fails_has_the_headers_too(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from volenti.workspace.users import Users

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Users, "signed_in", fail)
    client = TestClient(
        application(Workspaces(partial(volenti.open, at))),
        base_url="http://localhost",
        raise_server_exceptions=False,
    )
    answer = client.get("/", headers={"cookie": "volenti=x"})
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "ZeroDivisionError" not in answer.text
