"""Letters: e-mail to the people in the pictures, and reminders to officers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.clock import stamp
from volenti.workspace.given import one_of
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from volenti.letters.letter import Letter
    from volenti.wiring.parts import Parts


class Letters(Noun):
    """E-mail to the people in the pictures, and reminders to officers."""

    def send(
        self,
        kind: str,
        subject: str = "",
        *,
        about: str = "",
        link: str = "",
        code: str = "",
        day: date | None = None,
        to: str = "",
        language: str | None = None,
        event: str = "",
    ) -> Letter:
        """Put a letter into the queue; the worker sends it within moments.

        kind: of `volenti.letters.letter.LetterKind`, such as "signed-copy". subject: whom it is to, by
        identifier; empty where `to` is a user's address. about: the identifier of a release or a request.
        link: an address in the web application. code: what they type. day: what ends or is due then. to:
        another address than the one on record; then what is kept of the letter isn't theirs, and only that it
        was sent stays. language: of LANGUAGES; by default that of what they signed last. event: what it is
        sent for: the same kind of letter to the same person for the same event is sent once, however often
        this is called; by default everything that the letter says. Returns the letter, which the worker
        sends. Raises NotFoundError where there is no such person, UsageError where the kind of letter lacks
        something, or there is no e-mail address.

        Example:
            ws.letters.send("signed-copy", "sub_ada", about="rel_ada")
        """
        from volenti.letters.letter import Letter, LetterKind, LetterState

        chosen = one_of(LetterKind, kind)
        said = day.isoformat() if day else ""
        now = stamp(self._parts.clock())
        letter = Letter(
            *(
                "",
                LetterState.QUEUED,
                subject,
                chosen,
                language or language_of(self._parts, subject),
                about,
                now,
                now,
            ),
            to=to,
            link=link,
            code=code,
            day=said,
        )
        return self._parts.letters.write(letter, event or f"{about}\n{link}\n{code}\n{said}")

    def retry(self, letter: str) -> Letter:
        """Send a letter after all that wasn't sent, or may not have arrived.

        letter: which. Returns it. Raises NotFoundError where there is none, ConflictError where it was sent,
        or waits.

        Example:
            ws.letters.retry("let_0a1b2c3d4e5f60718293")
        """
        return self._parts.letters.retry(letter)

    def deliver(self) -> int:
        """Send what is due, now and here; returns how many letters were sent. A worker does this by itself.

        Example:
            ws.letters.deliver()
        """
        return self._parts.letters.deliver()

    def remind(self, days: int = 14) -> Sequence[Letter]:
        """Write to whoever should know what is due: once for each matter, however often this is called.

        People are told when what they signed ends and when they come of age; officers whose login is an
        e-mail address, when a request is due. days: from today on. Whoever has no e-mail address on record
        is left out. Returns the letters, those that were written before included.

        Example:
            ws.letters.remind(30)
        """
        from volenti.consent.due import DueEvent, due
        from volenti.letters.letter import is_address
        from volenti.users.user import UserRole

        consent = self._parts.consent
        written: list[Letter] = []
        for each in due(self._parts.directory.releases(self._parts.records, consent), consent.today, days):
            if is_address(consent.subject(each.subject).contact.strip()):
                ends = each.event is DueEvent.ENDS
                about = each.release if ends else ""
                kind = "release-ends" if ends else "of-age"
                written.append(self.send(kind, each.subject, about=about, day=each.day))
        users = [each for each in self._parts.users.all() if UserRole.OFFICER in each.roles]
        officers = [each.login for each in users if is_address(each.login) and not each.is_locked]
        requests = [each for each in self._parts.deadlines.due(days) if each.matter == "request"]
        return written + [
            self.send("request-due", to=officer, about=each.about, day=each.day)
            for each in requests
            for officer in officers
        ]

    # Last, because below it `list` is the verb.
    def reach(self, subject: str) -> bool:
        """Say whether letters reach somebody: there is an e-mail address of theirs, and a mail server is set.

        Without a server, letters lie in the outbox until somebody sends them. subject: their identifier.
        Raises NotFoundError where there is no such person.

        Example:
            ws.letters.reach("sub_ada")
        """
        from volenti.letters.letter import is_address

        contact = self._parts.consent.subject(subject).contact.strip()
        return is_address(contact) and self._parts.letters.has_server

    def list(self, subject: str | None = None) -> Sequence[Letter]:
        """List letters, the newest first.

        subject: only those to somebody, by identifier.

        Example:
            [each.id for each in ws.letters.list() if each.state == "failed"]
        """
        return self._parts.letters.all(subject)


def language_of(parts: Parts, subject: str) -> str:
    """The language of what somebody signed last; English where they signed nothing."""
    from volenti.consent.wording import LANGUAGES

    signed = parts.consent.releases(subject) if subject else []
    own = [each.release.evidence.language.partition("-")[0] for each in signed]
    return next((each for each in reversed(own) if each in LANGUAGES), LANGUAGES[0])
