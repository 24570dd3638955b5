"""Letters: keeps what is to be sent to people, and sends it, once for each event.

A letter is a row of who gets it, so that it is sealed under their key and goes with them. Before a letter is
handed over, its row says so: whatever ends this program then, it isn't handed over once more, but listed as
uncertain. What a letter says is gone from its row once it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from volenti.core.clock import Clock, moment, stamp
from volenti.core.codec import encoded
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, UsageError, VolentiError
from volenti.core.logs import Logger
from volenti.core.progress import Silent
from volenti.letters.holder import LetterHolder
from volenti.letters.letter import NEEDS, Letter, LetterState, address_of
from volenti.letters.message import Attached, Sender, message
from volenti.letters.ports import NotSentError
from volenti.vault.owner import CONTROLLER

if TYPE_CHECKING:
    from email.message import EmailMessage

    from volenti.consent.service import Consent
    from volenti.core.locks import Locks
    from volenti.letters.ports import Carrier, Outbox
    from volenti.vault.event_log import EventLog
    from volenti.vault.holder import Holders
    from volenti.vault.records import Record, Records

LETTER = "letter"
#: Before which wait a letter is tried again, doubled each time up to the longest; and for how long in all.
FIRST_WAIT, LONGEST_WAIT, GIVEN_UP = timedelta(minutes=1), timedelta(hours=4), timedelta(days=3)
#: How long a letter to an address that isn't on record for a person waits for somebody to do something.
HELD_FOR = timedelta(days=7)
_WAITING = (LetterState.HELD, LetterState.FAILED, LetterState.UNCERTAIN)
#: Makes the files that go with a letter.
Attaching = Callable[[Letter], Sequence[Attached]]

_log = Logger(__name__)


class Letters:
    """The letters of a workspace."""

    def __init__(
        self,
        records: Records,
        events: EventLog,
        consent: Consent,
        locks: Locks,
        outbox: Outbox,
        carrier: Carrier | None,
        sender: Sender,
        attaching: Attaching,
        clock: Clock,
        holders: Holders,
    ) -> None:
        """carrier: None where no mail server is set: then letters go into the outbox."""
        self._records = records
        self._events = events
        self._consent = consent
        self._locks = locks
        self._outbox = outbox
        self._carrier = carrier
        self._sender = sender
        self._attaching = attaching
        self._clock = clock
        holders.announce(LetterHolder(self))

    def write(self, letter: Letter, event: str, *, is_held: bool = False) -> Letter:
        """Put a letter into the queue, or return the one that there is for the same event.

        letter: its identifier and state aren't looked at. event: what it is sent for; the same kind of letter
        to the same person for the same event is one letter. is_held: it isn't sent before `release`. Raises
        UsageError where the letter lacks something, or there is no address.
        """
        lacking = [each for each in NEEDS[letter.kind] if not getattr(letter, each)]
        if lacking:
            raise UsageError(
                f"A letter of kind {letter.kind} lacks: {', '.join(lacking)}.", "Give that, too."
            )
        if letter.to or not letter.subject:
            address_of(letter.to)
        else:
            address_of(self._consent.subject(letter.subject).contact)
        owner = letter.subject if letter.subject and not letter.to else CONTROLLER
        # Keyed, so that nobody can read from the name of a row to whom it is.
        secret = self._records.alias(f"{letter.kind}\n{letter.subject}\n{letter.to}\n{event}")
        name = f"let_{sha256(secret.encode())[:20]}"
        with self._records.transaction():
            there = self._records.get(LETTER, name)
            if there is not None:
                return self._read(there)
            state = LetterState.HELD if is_held else LetterState.QUEUED
            subject = "" if owner == CONTROLLER else letter.subject
            return self._keep(replace(letter, id=name, state=state, subject=subject))

    def release(self, about: str, copy: str = "") -> int:
        """Have letters sent that were held because of a request; returns how many. copy: goes with them."""
        with self._records.transaction():
            held = [each for each in self._in(LetterState.HELD) if each.about == about]
            for each in held:
                self._keep(replace(each, state=LetterState.QUEUED, copy=copy or each.copy))
        return len(held)

    def all(self, subject: str | None = None) -> list[Letter]:
        """Every letter, or those to somebody, the newest first."""
        found = [self._read(each) for each in self._records.find(LETTER, owner=subject)]
        return sorted(found, key=lambda each: (each.made, each.id), reverse=True)

    def count(self, *states: LetterState) -> int:
        """How many letters are in one of these states, none of them opened."""
        return sum(self._records.count(LETTER, state=each) for each in states)

    def retry(self, identifier: str) -> Letter:
        """Try a letter again that wasn't sent, or may not have been. ConflictError where it was, or waits."""
        with self._records.transaction():
            letter = self._read(self._records.require(LETTER, identifier))
            if letter.state not in (LetterState.FAILED, LetterState.UNCERTAIN):
                raise ConflictError(f"{letter.id} is {letter.state}.", "Wait: the worker sends letters.")
            now = stamp(self._clock())
            return self._keep(replace(letter, state=LetterState.QUEUED, due=now, made=now, tries=0, why=""))

    def deliver(self) -> int:
        """Send what is due; returns how many letters were sent. One process at a time does this."""
        if not self.count(LetterState.QUEUED, LetterState.HANDING_OVER, *_WAITING):
            return 0
        with self._locks.take("letters", Silent()):
            # Whoever held the lock before is gone: what they were handing over may have arrived.
            for each in self._in(LetterState.HANDING_OVER):
                why = "The program ended while it was sent."
                self._changed(replace(each, state=LetterState.UNCERTAIN, why=why))
            now = self._clock()
            self._drop_addresses()
            due = [each for each in self._in(LetterState.QUEUED) if moment(each.due) <= now]
            return sum(self._sent(each) for each in due)

    @property
    def has_server(self) -> bool:
        """Whether a mail server is set, so that letters reach people by themselves."""
        return self._carrier is not None

    def in_outbox(self, subject: str) -> list[int]:
        """The bytes of each letter to somebody in the outbox."""
        return self._outbox.sizes(self._records.alias(subject))

    def forget(self, subject: str) -> None:
        """Remove somebody's letters from the outbox, and the rows that would put others there."""
        # Together, so that a letter that is being written meanwhile is written before or not at all.
        with self._records.transaction():
            self._records.delete(LETTER, [each.id for each in self._records.rows(LETTER, owner=subject)])
            self._outbox.remove(self._records.alias(subject))

    def strays(self) -> Iterator[tuple[str, bool]]:
        """Files of the outbox whose letter isn't on record, each with True: the folder is the workspace's."""
        for folder, name in self._outbox.names():
            if self._records.row(LETTER, name) is None:
                yield f"outbox/{folder}/{name}.eml", True

    def _drop_addresses(self) -> None:
        """Delete letters that have an address of their own, and weren't sent for long."""
        waiting = [each for state in _WAITING for each in self._in(state) if each.to]
        since = self._clock() - HELD_FOR
        self._records.delete(LETTER, [each.id for each in waiting if moment(each.made) < since])

    def _sent(self, letter: Letter) -> bool:
        """Send one letter; whether it was sent."""
        try:
            # Into the outbox in one transaction with the row, so that no erasure comes between.
            with self._records.transaction() if self._carrier is None else nullcontext():
                if self._records.row(LETTER, letter.id) is None:
                    return False  # who gets it was erased meanwhile
                made, begin = self._message(letter), self._beginning(letter)
                if self._carrier is not None:
                    self._carrier.carry(made, begin)
                elif letter.subject:
                    self._outbox.keep(self._records.alias(letter.subject), letter.id, bytes(made))
                else:
                    raise NotSentError("No mail server is set, and the outbox is for people on record.")
                self._put_down(letter)
        except _GoneError:
            return False
        except NotSentError as error:
            self._refused(letter, error)
            return False
        except VolentiError as error:
            self._changed(replace(letter, state=LetterState.FAILED, why=error.message))
            return False
        return True

    def _message(self, letter: Letter) -> EmailMessage:
        to, called = letter.to, ""
        if letter.subject:
            subject = self._consent.subject(letter.subject)
            to, called = address_of(subject.contact), subject.legal_name
        return message(letter, to, self._sender, called=called, attached=self._attaching(letter))

    def _beginning(self, letter: Letter) -> Callable[[], None]:
        def begin() -> None:
            if not self._changed(replace(letter, state=LetterState.HANDING_OVER)):
                raise _GoneError

        return begin

    def _put_down(self, letter: Letter) -> None:
        """Put on record that a letter was sent. What it said is gone."""
        with self._records.transaction():
            now = stamp(self._clock())
            state = LetterState.SENT if self.has_server else LetterState.IN_OUTBOX
            sent = replace(letter, state=state, sent=now, why="")
            if self._changed(replace(sent, link="", code="", copy="", to="")):
                body = {"letter": letter.id, "kind": letter.kind.value}
                self._events.record("letter-sent", body, (letter.subject or CONTROLLER,))
        _log.info("letter sent", kind=letter.kind.value)

    def _refused(self, letter: Letter, error: NotSentError) -> None:
        now = self._clock()
        wait = min(FIRST_WAIT * 2**letter.tries, LONGEST_WAIT)
        if error.is_uncertain:
            self._changed(replace(letter, state=LetterState.UNCERTAIN, why=error.message))
        elif error.is_temporary and now + wait - moment(letter.made) < GIVEN_UP:
            again = replace(letter, tries=letter.tries + 1, due=stamp(now + wait), why=error.message)
            self._changed(replace(again, state=LetterState.QUEUED))
        else:
            self._changed(replace(letter, state=LetterState.FAILED, why=error.message))
        _log.warning("letter not sent", kind=letter.kind.value, tries=letter.tries + 1)

    def _changed(self, letter: Letter) -> bool:
        """Put a changed letter on record; whether its row was there still."""
        with self._records.transaction():
            if self._records.row(LETTER, letter.id) is None:
                return False
            self._keep(letter)
        return True

    def _in(self, state: LetterState) -> Iterator[Letter]:
        return iter([self._read(each) for each in self._records.find(LETTER, state=state)])

    def _keep(self, letter: Letter) -> Letter:
        owners = (letter.subject or CONTROLLER,)
        self._records.put(LETTER, letter.id, encoded(letter), owners=owners, state=letter.state)
        return letter

    @staticmethod
    def _read(record: Record) -> Letter:
        return Letter.read(record, "" if record.owners == (CONTROLLER,) else record.owners[0])


class _GoneError(Exception):
    """Who gets the letter was erased before it was handed over."""
