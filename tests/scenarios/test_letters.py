"""Letters: to the right people, once for each event, through a real mail server or into the outbox."""

from __future__ import annotations

import asyncio
import email
import json
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.faults.processes import elsewhere
from tests.studio import Studio, reopened
from volenti.adapters.post.smtp import SmtpCarrier
from volenti.consent.wording import LANGUAGES
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.letters.letter import NEEDS, Letter, LetterKind, LetterState, is_address
from volenti.letters.message import Sender, message, texts
from volenti.settings import read_settings
from volenti.workspace.workspace import Workspace

ADA = "ada@example.org"
LINK = "https://studio.example/mine/abc"


class Clock:
    """A clock that is set forward."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Mailbox:
    """A mail server's handler: takes letters, or answers as `answers` say, by command."""

    got: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    #: At which command the server ends the connection without a word.
    dies_at: str = ""

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._dies(server, "RCPT"):
            return "451 dead"
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self._dies(server, "DATA"):
            return "451 dead"
        if "DATA" in self.answers:
            return self.answers["DATA"]
        found = email.message_from_bytes(envelope.content or b"", policy=default)
        assert isinstance(found, EmailMessage)
        found["X-Was-To"] = ", ".join(envelope.rcpt_tos)
        found["X-Was-Encrypted"] = str(session.ssl is not None)
        self.got.append(found)
        return "250 OK"

    def _dies(self, server: SMTP, command: str) -> bool:
        if self.dies_at == command:
            assert server.transport is not None
            server.transport.abort()
        return self.dies_at == command


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost that nobody but itself vouches for, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


@contextmanager
def server(box: Mailbox, **options: Any) -> Iterator[int]:
    """A mail server on this machine; yields its port."""
    controller = Controller(box, hostname="127.0.0.1", port=0, **options)
    # With port 0 the controller's own check connects to the wrong one.
    controller.port = _free_port()
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def plain(port: int, **changes: Any) -> SmtpCarrier:
    said = {"host": "localhost", "port": port, "security": "none", "user": "", "password": ""}
    return SmtpCarrier(**{**said, **changes})  # type: ignore[arg-type]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def studio(tmp_path: Path, clock: Clock) -> Studio:
    made = Studio.open(tmp_path, clock=clock, on_disk=True)
    for name in ("ann", "ben"):
        made.person(name)
    made.ws.subjects.amend("ann", contact=ADA)
    made.ws.subjects.amend("ben", contact="+49 30 1234")
    return made


@contextmanager
def with_server(studio: Studio, clock: Clock, box: Mailbox, **options: Any) -> Iterator[Workspace]:
    """The studio's workspace, whose letters go to a mail server."""
    with server(box, **options) as port, reopened(studio.ws.path, clock=clock) as ws:
        ws.parts.letters._carrier = plain(port)
        yield ws


def test_without_a_mail_server_a_letter_lies_in_the_outbox_until_its_person_is_erased(studio: Studio) -> None:
    ws = studio.ws
    written = ws.letters.send("portal-link", "ann", link=LINK)
    assert ws.letters.deliver() == 1
    [sent] = ws.letters.list("ann")
    # What it said is gone; that it was sent is on record, and nothing else is.
    assert (sent.id, sent.state, sent.link, sent.to) == (written.id, "in-outbox", "", "")
    [file] = (ws.path / "outbox").rglob("*.eml")
    found = email.message_from_bytes(file.read_bytes(), policy=default)
    assert (found["To"], LINK in found.get_body(("plain",)).get_content()) == (ADA, True)
    assert "ann" not in str(file.relative_to(ws.path))
    request = ws.requests.open("erasure", "ann", identity="in-person").id
    [planned] = [each for each in ws.requests.plan(request).holdings if each.holder == "letters"]
    assert (planned.items, planned.bytes) == (1, file.stat().st_size)
    ws.letters.send("code", "ann", code="123456")
    ws.requests.run(request)
    assert list((ws.path / "outbox").rglob("*")) == []
    assert ws.letters.list() == []
    assert ws.letters.deliver() == 0
    assert ws.audit([ADA.encode(), LINK.encode()], deep=True).ok


def test_a_letter_that_is_written_while_its_person_is_erased_is_written_before_or_not_at_all(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = studio.ws
    letters = ws.parts.letters
    ws.letters.send("portal-link", "ann", link=LINK)
    made = letters._message

    def erased_first(letter: Letter) -> EmailMessage:
        found = made(letter)
        # Another process that erases has to wait for the register: it does nothing meanwhile.
        with pytest.raises(RuntimeError):
            elsewhere(lambda: _forgotten(ws.path), 2)
        return found

    monkeypatch.setattr(letters, "_message", erased_first)
    assert letters.deliver() == 1
    assert letters.in_outbox("ann")
    letters.forget("ann")
    assert not letters.in_outbox("ann")


def _forgotten(path: Path) -> None:
    with reopened(path) as ws:
        ws.parts.letters.forget("ann")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(LetterKind))
def test_each_kind_of_letter_is_there_in_each_language(kind: LetterKind, language: str) -> None:
    own, english = texts(language)[kind], texts("en")[kind]
    assert set(texts(language)) == {*LetterKind, "all"}
    for part in ("subject", "text"):
        assert set(re.findall(r"{\w+}", own[part])) == set(re.findall(r"{\w+}", english[part]))
    says = {"about": "rel_1", "link": LINK, "code": "314159", "day": "2026-11-30"}
    given = {name: says[name] for name in NEEDS[kind]}
    letter = Letter(
        *("let_1", LetterState.QUEUED, "ann", kind, language),
        **{"about": "", "made": "2026-06-01T12:00:00Z", "due": "2026-06-01T12:00:00Z", **given},
    )
    made = message(letter, ADA, Sender("studio@example.org", 'The "Studio"'), called="Ann <b>B.</b>")
    parsed = email.message_from_bytes(bytes(made), policy=default)
    text = parsed.get_body(("plain",)).get_content()
    html = parsed.get_body(("html",)).get_content()
    day = {"en": "November 30, 2026", "de": "30. November 2026", "es": "30 de noviembre de 2026"}[language]
    for name, said in {**given, "day": day}.items():
        if name in NEEDS[kind] and f"{{{name}}}" in own["text"]:
            assert said in text
            assert said in html
    assert "Ann <b>B.</b>" in text
    assert "<b>" not in html
    assert parsed["From"] == "The Studio <studio@example.org>"
    assert (f'href="{LINK}"' in html) is ("link" in NEEDS[kind])
    assert "{" not in text


def test_a_letter_is_sent_once_for_each_event_however_often_it_is_asked_for(
    studio: Studio, clock: Clock
) -> None:
    box = Mailbox()
    with with_server(studio, clock, box) as ws:
        for _ in range(3):
            ws.letters.send("portal-link", "ann", link=LINK)
            ws.letters.deliver()
        assert len(box.got) == 1
        ws.letters.send("portal-link", "ann", link=LINK, event="once more")
        ws.letters.deliver()
        assert len(box.got) == 2
        assert [each["X-Was-To"] for each in box.got] == [ADA, ADA]
        assert box.got[0]["Message-ID"] != box.got[1]["Message-ID"]


@pytest.mark.parametrize(
    ("answers", "state", "tries"),
    [
        ({"RCPT": "450 4.2.1 busy"}, "queued", 1),
        ({"DATA": "451 4.3.0 later"}, "queued", 1),
        ({"RCPT": "550 5.1.1 no such user"}, "failed", 0),
        ({"DATA": "554 5.7.1 no"}, "failed", 0),
    ],
)
def test_what_a_server_refuses_for_now_is_tried_again_and_what_it_refuses_for_good_is_not(
    studio: Studio, clock: Clock, answers: dict[str, str], state: str, tries: int
) -> None:
    box = Mailbox(answers=dict(answers))
    with with_server(studio, clock, box) as ws:
        ws.letters.send("portal-link", "ann", link=LINK)
        assert ws.letters.deliver() == 0
        [letter] = ws.letters.list()
        assert (letter.state, letter.tries, letter.link) == (state, tries, LINK)
        assert next(iter(answers.values()))[:3] in letter.why
        box.answers.clear()
        assert ws.letters.deliver() == 0  # it isn't time yet
        clock.now += timedelta(minutes=2)
        assert ws.letters.deliver() == (1 if state == "queued" else 0)
        if state == "failed":
            ws.letters.retry(letter.id)
            assert ws.letters.deliver() == 1
        assert len(box.got) == 1
        with pytest.raises(ConflictError):
            ws.letters.retry(letter.id)


def test_waits_grow_and_after_some_days_a_letter_is_given_up(studio: Studio, clock: Clock) -> None:
    with reopened(studio.ws.path, clock=clock) as ws:
        ws.parts.letters._carrier = plain(_free_port())  # nobody listens there
        ws.letters.send("portal-link", "ann", link=LINK)
        waits = []
        for _ in range(60):
            ws.letters.deliver()
            [letter] = ws.letters.list()
            if letter.state != "queued":
                break
            due = datetime.fromisoformat(letter.due)
            waits.append((due - clock.now).total_seconds() / 60)
            clock.now = due
        assert waits[:4] == [1, 2, 4, 8]
        assert max(waits) == 240
        assert letter.state == "failed"
        assert timedelta(days=2) < clock.now - datetime.fromisoformat(letter.made) <= timedelta(days=3)


@pytest.mark.parametrize(("dies_at", "state"), [("RCPT", "queued"), ("DATA", "uncertain")])
def test_a_server_that_dies_in_the_middle(studio: Studio, clock: Clock, dies_at: str, state: str) -> None:
    box = Mailbox(dies_at=dies_at)
    with with_server(studio, clock, box) as ws:
        ws.letters.send("portal-link", "ann", link=LINK)
        ws.letters.deliver()
        [letter] = ws.letters.list()
        assert letter.state == state
        box.dies_at = ""
        clock.now += timedelta(hours=5)
        # What may have arrived isn't sent once more by itself.
        assert ws.letters.deliver() == (1 if state == "queued" else 0)
        if state == "uncertain":
            ws.letters.retry(letter.id)
            assert ws.letters.deliver() == 1
        assert [each["Message-ID"] for each in box.got] == [f"<{letter.id}@localhost>"]


@pytest.mark.parametrize(("where", "state"), [("before", "queued"), ("after", "uncertain")])
def test_a_process_that_is_killed_while_it_hands_a_letter_over_never_doubles_it(
    studio: Studio, clock: Clock, where: str, state: str
) -> None:
    box = Mailbox()
    studio.ws.close()
    with server(box) as port:

        def killed() -> None:
            class Killed(SmtpCarrier):
                def carry(self, message: EmailMessage, begin: Callable[[], None]) -> None:
                    if where == "after":
                        super().carry(message, begin)
                    os.kill(os.getpid(), signal.SIGKILL)

            with reopened(studio.ws.path, clock=clock) as ws:
                ws.letters.send("portal-link", "ann", link=LINK)
                ws.parts.letters._carrier = Killed("localhost", port, "none", "", "")
                ws.letters.deliver()

        with pytest.raises(RuntimeError, match="without a word"):
            elsewhere(killed)
        with reopened(studio.ws.path, clock=clock) as ws:
            ws.parts.letters._carrier = plain(port)
            assert ws.letters.deliver() == (1 if state == "queued" else 0)
            assert ws.letters.list()[0].state == ("sent" if state == "queued" else state)
        assert len(box.got) == 1


def test_starttls_is_used_with_a_certificate_that_holds_and_nothing_is_said_without_it(
    certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, studio: Studio, clock: Clock
) -> None:
    public, context = certificate
    box, said = Mailbox(), []

    def signed_in(server: SMTP, session: Session, envelope: Envelope, how: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        said.append((data.login, data.password))
        return AuthResult(success=data.password == b"secret", handled=False)

    options = {"tls_context": context, "require_starttls": True, "authenticator": signed_in}
    with server(box, **options) as port, reopened(studio.ws.path, clock=clock) as ws:
        letters = ws.parts.letters
        letters._carrier = plain(port, security="starttls", user="studio", password="secret")
        ws.letters.send("portal-link", "ann", link=LINK)
        assert ws.letters.deliver() == 0  # nobody vouches for the certificate
        assert "certificate" in ws.letters.list()[0].why.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        clock.now += timedelta(minutes=2)
        assert ws.letters.deliver() == 1
        assert box.got[0]["X-Was-Encrypted"] == "True"
        assert said == [(b"studio", b"secret")]
        letters._carrier = plain(port, security="starttls", user="studio", password="wrong")
        ws.letters.send("code", "ann", code="314159")
        assert ws.letters.deliver() == 0
        # A wrong password is mended by whoever sets it: letters wait for that.
        [waits] = [each for each in ws.letters.list("ann") if each.state == "queued"]
        assert "535" in waits.why
    # A server that offers no encryption gets nothing.
    with server(Mailbox()) as port, reopened(studio.ws.path, clock=clock) as ws:
        ws.parts.letters._carrier = plain(port, security="starttls")
        ws.letters.send("portal-link", "ann", link=LINK, event="third")
        assert ws.letters.deliver() == 0


def test_tls_from_the_first_byte(
    certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, studio: Studio, clock: Clock
) -> None:
    public, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    box, port = Mailbox(), _free_port()

    async def serve(ready: Any, done: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        made = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", port, ssl=context)
        ready.set()
        await done.wait()
        made.close()

    import threading

    ready, loop = threading.Event(), asyncio.new_event_loop()
    done = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(ready, done)))
    thread.start()
    ready.wait(10)
    try:
        with reopened(studio.ws.path, clock=clock) as ws:
            ws.parts.letters._carrier = plain(port, security="tls")
            ws.letters.send("portal-link", "ann", link=LINK)
            assert ws.letters.deliver() == 1
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "birthday", "subject": "ann"}, "none of"),
        ({"kind": "code", "subject": "ann"}, "lacks: code"),
        ({"kind": "code", "subject": "ben", "code": "1"}, "no e-mail address"),
        ({"kind": "code", "subject": "", "code": "1"}, "no e-mail address"),
        ({"kind": "code", "subject": "ann", "code": "1", "to": "a@b\r\nBcc: c@d"}, "no e-mail address"),
    ],
)
def test_what_can_t_be_sent_is_refused_at_once(studio: Studio, given: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        studio.ws.letters.send(**given)
    with pytest.raises(NotFoundError):
        studio.ws.letters.send("code", "nobody", code="1")
    assert studio.ws.letters.list() == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("ann@example.org", True),
        ("a.b+c@sub.example.org", True),
        ("ann", False),
        ("ann@", False),
        ("Ann <ann@example.org>", False),
        ("ann@example.org, ben@example.org", False),
        ("ann@example.org\nBcc: x@y", False),
        ("ann@exämple.org", False),
        ("+49 30 1234", False),
    ],
)
def test_which_texts_are_addresses(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one


def test_a_line_that_begins_with_a_dot_arrives_as_it_was(studio: Studio, clock: Clock) -> None:
    box = Mailbox()
    with with_server(studio, clock, box) as ws:
        ws.letters.send("code", "ann", code="\n.\nQUIT")
        ws.letters.deliver()
    assert len(box.got) == 1
    assert ".\nQUIT" in box.got[0].get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_reminders_are_written_once_for_each_matter(studio: Studio, clock: Clock) -> None:
    ws = studio.ws
    ws.users.add("officer@example.org", name="Officer", roles=["officer"])
    ws.users.add("no-address", name="Second", roles=["officer"])
    request = ws.requests.open("access", "ann", identity="in-person").id
    first = ws.letters.remind(60)
    assert [(each.kind, each.about) for each in first] == [("request-due", request)]
    assert [each.id for each in ws.letters.remind(60)] == [each.id for each in first]
    assert len(ws.letters.list()) == 1


def test_somebody_is_told_when_what_they_signed_ends(studio: Studio, clock: Clock) -> None:
    ws = studio.ws
    clock.now = datetime(2026, 1, 20, tzinfo=UTC)
    studio.person("cid", flaw="expired")  # until 1 February
    [letter] = ws.letters.remind(14)
    assert (letter.kind, letter.subject, letter.day) == ("release-ends", "cid", "2026-02-01")
    assert ws.letters.remind(3) == []


def test_the_worker_sends_letters_while_a_job_runs(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.ws.close()
    words = [sys.executable, "-m", "volenti", "-C", str(studio.ws.path)]
    box = Mailbox()
    with server(box) as port:
        said = {"HOST": "localhost", "PORT": str(port), "SECURITY": "none"}
        settings = {f"VOLENTI_SMTP_{name}": each for name, each in said.items()}
        environment = {**os.environ, **settings, "VOLENTI_LETTERS_FROM": "studio@example.org"}
        worker = subprocess.Popen(
            [*words, "job", "work", "--until-closed"], stdin=subprocess.PIPE, env=environment
        )
        sent = subprocess.run(
            [*words, "letter", "send", "portal-link", "ann", "--link", LINK, "--json"],
            capture_output=True,
            check=True,
        )
        assert json.loads(sent.stdout)["state"] == "queued"
        assert "link" not in json.loads(sent.stdout)
        for _ in range(100):
            if box.got:
                break
            subprocess.run(["sleep", "0.1"], check=True)
        assert worker.stdin is not None
        worker.stdin.close()
        assert worker.wait(20) == 0
    assert box.got[0]["From"] == "studio@example.org"


def test_somebody_who_was_erased_is_told_so_with_the_certificate(studio: Studio, clock: Clock) -> None:
    box = Mailbox()
    with with_server(studio, clock, box) as ws:
        request = ws.requests.open("erasure", "ann", identity="in-person").id
        job = ws.jobs.start("request run", {"request": request, "tell": True}).id
        ws.jobs.work(once=True)
        assert ws.jobs.show(job).figures["certified"] is True
        [told] = box.got
        assert told["X-Was-To"] == ADA
        [attached] = list(told.iter_attachments())
        assert json.loads(attached.get_payload(decode=True)) == ws.certificates.show(request)
        # Only that a letter was sent, about which request, is left.
        [letter] = ws.letters.list()
        assert (letter.state, letter.to, letter.copy, letter.subject) == ("sent", "", "", "")
        assert ws.audit([ADA.encode()], deep=True).ok


def test_they_are_told_also_where_the_worker_was_killed_after_the_erasure(
    studio: Studio, clock: Clock
) -> None:
    box = Mailbox()
    request = studio.ws.requests.open("erasure", "ann", identity="in-person").id
    studio.ws.jobs.start("request run", {"request": request, "tell": True})
    studio.ws.close()

    def killed() -> None:
        with reopened(studio.ws.path, clock=clock) as ws:
            ws.parts.letters.release = lambda *given: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
            ws.jobs.work(once=True)

    with pytest.raises(RuntimeError, match="without a word"):
        elsewhere(killed)
    with with_server(studio, clock, box) as ws:
        assert ws.requests.show(request).state == "done"
        ws.jobs.work(once=True)
        assert [each["X-Was-To"] for each in box.got] == [ADA]


def test_a_letter_that_is_held_for_long_is_deleted_and_nothing_of_it_goes_into_the_outbox(
    studio: Studio, clock: Clock
) -> None:
    ws = studio.ws
    request = ws.requests.open("erasure", "ann", identity=None).id  # nobody made sure who asks
    ws.jobs.start("request run", {"request": request, "tell": True})
    ws.jobs.work(once=True)
    assert [each.state for each in ws.letters.list()] == ["held"]
    clock.now += timedelta(days=8)
    ws.letters.deliver()
    assert ws.letters.list() == []
    ws.jobs.start("request run", {"request": request, "tell": True, "identity": "in-person"})
    ws.jobs.work(once=True)
    assert [each.state for each in ws.letters.list()] == ["failed"]
    assert not (ws.path / "outbox").exists()
    clock.now += timedelta(days=8)
    ws.letters.deliver()
    assert ws.letters.list() == []


def test_settings_refuse_letters_in_the_clear_over_a_network(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="without encryption"):
        read_settings(smtp_host="mail.example.org", smtp_security="none")
    secret = tmp_path / "password"
    secret.write_text("four words\n")
    made = read_settings(smtp_host="mail.example.org", smtp_password_file=secret)
    assert made.password_for_letters() == "four words"
    assert "four words" not in repr(replace(made, smtp_password="four words"))


def test_a_signed_copy_has_the_receipt_with_it(studio: Studio, clock: Clock, monkeypatch: Any) -> None:
    box = Mailbox()
    with with_server(studio, clock, box) as ws:
        monkeypatch.setattr(ws.parts.receipts, "pdf", lambda *given, **named: b"%PDF-1.7 receipt")
        ws.letters.send("signed-copy", "ann", about="rel_ann")
        ws.letters.deliver()
        [attached] = list(box.got[0].iter_attachments())
        assert attached.get_content_type() == "application/pdf"
        assert attached.get_payload(decode=True) == b"%PDF-1.7 receipt"
        assert attached.get_filename() == "rel_ann.pdf"


def test_a_day_is_written_as_the_language_has_it(studio: Studio) -> None:
    studio.ws.letters.send("of-age", "ann", day=date(2026, 11, 30), language="de")
    studio.ws.letters.deliver()
    [file] = (studio.ws.path / "outbox").rglob("*.eml")
    found = email.message_from_bytes(file.read_bytes(), policy=default)
    assert "30. November 2026" in found.get_body(("plain",)).get_content()
