"""Sends webhooks' messages over HTTPS, to addresses of the public network alone.

Whoever may add a webhook must not be able to have this machine call others inside of its own network
(server-side request forgery). So the name is resolved once, every address that it has is looked at, and the
connection goes to one of these addresses, not to what the name leads to a moment later. No redirect is
followed, nothing of an answer but its status is kept, and the whole is over within some seconds.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from volenti.core.errors import UsageError
from volenti.core.version import VERSION
from volenti.webhooks.ports import Sent

#: Within how many seconds a message has to be taken, name and connection included.
SECONDS = 15.0
ADDRESS_MAX = 2000
#: Networks that embed an IPv4 address, which is where a packet goes in the end.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class HttpsSender:
    """The `Sender` port over sockets. to_private: whether private addresses are allowed, and this machine."""

    def __init__(self, *, to_private: bool = False, seconds: float = SECONDS) -> None:
        self._to_private = to_private
        self._seconds = seconds

    def check(self, address: str) -> None:
        """Raise UsageError where nothing may be sent there; names are looked up when something is sent."""
        parts = _parts(address)
        literal = _literal(parts.hostname or "")
        local = parts.hostname == "localhost" or (literal is not None and literal.is_loopback)
        if parts.scheme != "https" and not local:
            raise UsageError("Messages are sent by https alone.", "Give an address that begins with https://")
        if not self._to_private and (local or (literal is not None and not _is_public(literal))):
            raise UsageError(
                "This address is inside of a private network, or this machine.",
                "Give a public one, or allow it: VOLENTI_WEBHOOKS_TO_PRIVATE=yes",
            )

    def send(self, address: str, headers: Mapping[str, str], body: bytes) -> Sent:
        """Send one message; says in a few words why there was no answer."""
        try:
            self.check(address)
            parts = _parts(address)
            found = self._resolved(parts)
        except UsageError as error:
            return Sent(0, error.message.rstrip("."))
        except (OSError, UnicodeError):
            return Sent(0, "its name isn't known")
        try:
            return self._sent(parts, found, dict(headers), body)
        except ssl.SSLCertVerificationError:
            return Sent(0, "its certificate isn't valid")
        except TimeoutError:
            return Sent(0, "it didn't answer in time")
        except (OSError, http.client.HTTPException, ValueError):
            return Sent(0, "it can't be reached")

    def _resolved(self, parts: SplitResult) -> str:
        """An address of the name; UsageError where one of its addresses isn't public."""
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        addresses = [ipaddress.ip_address(each.partition("%")[0]) for each in found]
        if parts.scheme != "https" and not all(each.is_loopback for each in addresses):
            raise UsageError("Messages are sent by https alone.", "")
        if not self._to_private and not all(map(_is_public, addresses)):
            raise UsageError("Its name leads into a private network.", "")
        return found[0]

    def _sent(self, parts: SplitResult, found: str, headers: dict[str, str], body: bytes) -> Sent:
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        raw = socket.create_connection((found, port), timeout=self._seconds)
        # A limit for each read isn't one for the whole: a timer shuts the connection down.
        timer = threading.Timer(self._seconds, _shut, (raw.dup(),))
        timer.daemon = True
        timer.start()
        try:
            connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=self._seconds)
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(raw, server_hostname=parts.hostname) if secure else raw
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            host = parts.netloc
            said = {**headers, "host": host, "user-agent": f"volenti/{VERSION}", "connection": "close"}
            connection.request("POST", target, body, said)
            status = connection.getresponse().status
            connection.close()
            return Sent(status)
        finally:
            timer.cancel()
            with suppress(OSError):
                raw.close()


def _parts(address: str) -> SplitResult:
    """An address in its parts; UsageError where it can't be one that a message is sent to."""
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise UsageError("This isn't an address.", "Give one like https://example.org/hook") from error
    plain = address.isascii() and address.isprintable() and " " not in address and "\\" not in address
    is_one = parts.scheme in ("http", "https") and host and port != 0 and len(address) <= ADDRESS_MAX
    if not is_one or not plain:
        raise UsageError("This isn't an address.", "Give one like https://example.org/hook")
    if parts.username is not None or parts.fragment:
        raise UsageError(
            "An address has no user, password or fragment here.", "Put a secret into its path or query."
        )
    return parts


def _literal(host: str) -> _Address | None:
    """The IP address that a host is, in any way in which systems read one (0x7f.1, 2130706433); else None."""
    with suppress(ValueError):
        return ipaddress.ip_address(host.partition("%")[0])
    with suppress(OSError):
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


def _is_public(address: _Address) -> bool:
    """Whether an address is one of the public network, also where it embeds another one."""
    if isinstance(address, ipaddress.IPv6Address):
        embedded = [address.ipv4_mapped, address.sixtofour]
        if address in _NAT64:
            embedded.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.teredo is not None or any(each is not None and not _is_public(each) for each in embedded):
            return False
        if address.ipv4_mapped is not None:
            return True
    return address.is_global and not address.is_multicast


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
