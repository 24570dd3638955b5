"""Where webhooks' messages may go: the public network, by https; a table of addresses that lead elsewhere."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.webhooks import receiver
from volenti.adapters.webhooks.https import HttpsSender
from volenti.core.errors import UsageError

#: Written in all the ways in which systems read an address.
REFUSED = [
    "http://example.org/hook",
    "ftp://example.org/hook",
    "file:///etc/passwd",
    "example.org/hook",
    "https://",
    "https:///hook",
    "https://user:secret@example.org/hook",
    "https://example.org/hook#fragment",
    "https://example.org:0/hook",
    "https://example.org:99999/hook",
    "https://exa mple.org/hook",
    "https://example.org/\r\nhost: other",
    "https://example.org\\@127.0.0.1/",
    "http://127.0.0.1/hook",
    "http://localhost/hook",
    "https://127.0.0.1/hook",
    "https://127.1/hook",
    "https://2130706433/hook",
    "https://0x7f.0.0.1/hook",
    "https://0177.0.0.1/hook",
    "https://0.0.0.0/hook",
    "https://10.0.0.5/hook",
    "https://172.16.3.4/hook",
    "https://192.168.1.1/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/hook",
    "https://224.0.0.1/hook",
    "https://255.255.255.255/hook",
    "https://[::1]/hook",
    "https://[::]/hook",
    "https://[fe80::1]/hook",
    "https://[fd00::1]/hook",
    "https://[::ffff:127.0.0.1]/hook",
    "https://[::ffff:10.0.0.1]/hook",
    "https://[64:ff9b::7f00:1]/hook",
    "https://[2002:7f00:1::]/hook",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/hook",
    "https://[ff02::1]/hook",
    f"https://example.org/{'x' * 2000}",
]


@pytest.mark.parametrize("address", REFUSED)
def test_nothing_is_sent_to_an_address_that_may_not_be(address: str) -> None:
    with pytest.raises(UsageError) as error:
        HttpsSender().check(address)
    assert error.value.remedy


@pytest.mark.parametrize(
    "address",
    ["https://example.org/hook?key=1", "https://93.184.215.14/", "https://[2606:4700::1111]:8443/x"],
)
def test_public_addresses_are_taken(address: str) -> None:
    HttpsSender().check(address)


@pytest.mark.parametrize(
    "found", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd12::1", "::ffff:192.168.0.1", "0.0.0.0"]
)
def test_a_name_that_leads_into_a_private_network_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    # A name may have a public address and a private one, and another one at each question.
    def resolved(*given: Any, **named: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in ("93.184.215.14", found)]

    def connect(*given: Any, **named: Any) -> None:
        raise AssertionError("it was connected to")

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", connect)
    sent = HttpsSender().send("https://hook.example/", {}, b"{}")
    assert (sent.status, "private" in sent.why) == (0, True)


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    to: list[Any] = []

    def resolved(*given: Any, **named: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))]

    def connect(place: Any, **named: Any) -> None:
        to.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert HttpsSender().send("https://hook.example/", {}, b"{}").why == "it can't be reached"
    assert to == [("93.184.215.14", 443)]


def test_http_is_allowed_to_this_machine_alone_and_where_a_setting_says_so() -> None:
    sender = HttpsSender(to_private=True)
    sender.check("http://localhost:9000/hook")
    sender.check("https://10.0.0.5/hook")
    with pytest.raises(UsageError):
        sender.check("http://10.0.0.5/hook")


def test_no_redirect_is_followed_and_a_status_is_all_that_is_kept() -> None:
    with receiver() as taking:
        taking.statuses = [302, 200, 500]
        sender = HttpsSender(to_private=True)
        assert [sender.send(f"{taking.address}/hook", {}, b"{}").status for _ in range(3)] == [302, 200, 500]
        assert len(taking.got) == 3


def test_a_receiver_that_never_answers_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        sent = HttpsSender(to_private=True, seconds=0.3).send(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert (sent.status, sent.why != "") == (0, True)


def test_a_certificate_that_is_nobodys_is_not_trusted() -> None:
    with receiver() as taking:
        sent = HttpsSender(to_private=True).send(taking.address.replace("http:", "https:"), {}, b"{}")
    assert (sent.status, taking.got) == (0, [])
