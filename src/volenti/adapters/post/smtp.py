"""Letters by SMTP (RFC 5321), over TLS from the first byte or by STARTTLS (RFC 3207, RFC 8314)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

from volenti.letters.ports import NotSentError

#: Seconds to wait for a server's answer.
TIMEOUT = 30.0
Security = Literal["starttls", "tls", "none"]


class SmtpCarrier:
    """The `Carrier` port over a server that takes letters (a submission server or a relay)."""

    def __init__(
        self,
        host: str,
        port: int,
        security: Security,
        user: str,
        password: str,
        *,
        timeout: float = TIMEOUT,
    ) -> None:
        """security: "none" only where the server is on this machine. The certificate is always checked."""
        self._host, self._port, self._security = host, port, security
        self._user, self._password, self._timeout = user, password, timeout

    def carry(self, message: EmailMessage, begin: Callable[[], None]) -> None:
        """Hand a letter over; see `Carrier.carry`."""
        try:
            with self._reached() as server:
                self._address(server, message)
                # EmailMessage's own policy ends lines as the protocol wants them; a dot at their beginning
                # is doubled (RFC 5321, section 4.5.2).
                data = message.as_bytes(policy=SMTP).replace(b"\r\n.", b"\r\n..")
                _expect(server.docmd("DATA"), 354)
                begin()
                self._hand_over(server, data)
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            said = f"The mail server can't be used: {_words(error)}."
            # A certificate that doesn't hold isn't mended by waiting, but by whoever looks after the server.
            raise NotSentError(said, is_temporary=True) from error

    def _reached(self) -> smtplib.SMTP:
        """The server, signed in. What goes wrong here is no fault of the letter's: it is tried again."""
        try:
            return self._connected()
        except smtplib.SMTPResponseException as error:
            raise NotSentError(
                _refused(error.smtp_code, error.smtp_error).message, is_temporary=True
            ) from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._security == "starttls":
                # Raises where the server offers none: nothing is ever said in the clear instead.
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
            else:
                server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    @staticmethod
    def _address(server: smtplib.SMTP, message: EmailMessage) -> None:
        _expect(server.mail(str(message["From"].addresses[0].addr_spec)), 250)
        for each in message["To"].addresses:
            _expect(server.rcpt(each.addr_spec), 250, 251)

    @staticmethod
    def _hand_over(server: smtplib.SMTP, data: bytes) -> None:
        # Where this fails, the line with a single dot, which ends the letter, wasn't sent.
        server.send(data + (b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n"))
        try:
            code, said = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise NotSentError(
                "The mail server ended the connection before it said whether it took the letter.",
                is_uncertain=True,
            ) from error
        _expect((code, said), 250)


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    if answer[0] not in codes:
        raise smtplib.SMTPResponseException(*answer)


def _refused(code: int, said: bytes | str) -> NotSentError:
    """What a server's refusal means: 4yz may be taken later, 5yz never (RFC 5321, section 4.2.1)."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return NotSentError(f"The mail server refused: {code} {text[:300]}", is_temporary=400 <= code < 500)


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
