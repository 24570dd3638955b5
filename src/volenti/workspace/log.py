"""The transparency log, in which nothing is ever changed.

Its entries are commitments. An entry says nothing without the key that is kept beside its event; that key is
erased with the person whom the event is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import UsageError
from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from volenti.core.canonical import Json
    from volenti.transparency.checkpoint import Checkpoint
    from volenti.transparency.note import Verifier
    from volenti.transparency.problem import Problem


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry: its 32 bytes, and what happened (kind, at, body) while that is on record."""

    number: int
    leaf: bytes
    #: None where the event was erased with whom it was about.
    event: Json | None

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class LogExcerpt:
    """Some entries of the log, and the signed checkpoint that they are under."""

    origin: str
    size: int
    verifier: Verifier
    checkpoint: str
    entries: tuple[LogEntry, ...]

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class LogProof:
    """The proof that an entry is in the log (C2SP tlog-proof), and what it is checked with."""

    entry: int
    leaf: bytes
    verifier: Verifier
    proof: str

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class LogReport:
    """What recomputing the log found.

    size: entries that hold; 0 where the log itself doesn't. opened: events on record that were compared with
    their entries. witnessed: for each checkpoint that was given, who else signed it, and when if they say so.
    """

    size: int
    opened: int
    witnessed: tuple[tuple[Verifier, datetime | None], ...]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that a witness signed: what it says, its text, and what checks the witness's signature."""

    head: Checkpoint
    checkpoint: str
    witness: Verifier

    __repr__ = short_repr


class Log(Noun):
    """The log, in which nothing is ever changed."""

    def show(self, entry: int | None = None, *, last: int = 20, before: int | None = None) -> LogExcerpt:
        """Show one entry, or the newest ones, with the events that they stand for and the signed checkpoint.

        entry: the number of the one to show, counted from 0. last: how many of the newest to show where none
        is named; with 0 only the checkpoint is read. before: of the newest before this number. Keep the
        checkpoint somewhere else: `verify` compares the log with it later. Raises NotFoundError where there
        is no such entry.

        Example:
            ws.log.show(last=5).checkpoint
        """
        log, events = self._parts.log, self._parts.events
        signed, size = log.checkpoint(), log.size
        end = size if before is None else max(0, min(before, size))
        numbers = range(max(0, end - last), end) if entry is None else [entry]
        leaves = log.entries(numbers)
        entries = tuple(
            LogEntry(each, leaf, events.event(each)) for each, leaf in zip(numbers, leaves, strict=True)
        )
        return LogExcerpt(log.origin, size, log.verifier, signed, entries)

    def prove(self, entry: int) -> LogProof:
        """Make the proof that an entry is in the log, which anybody can check offline.

        entry: its number, counted from 0. Raises NotFoundError where there is no such entry.

        Example:
            ws.log.prove(7).proof
        """
        log = self._parts.log
        proof, leaf = log.prove(entry), log.entry(entry)
        return LogProof(entry, leaf, log.verifier, proof)

    def verify(self, checkpoints: Sequence[str] = (), *, witnesses: Sequence[str] = ()) -> LogReport:
        """Recompute the whole log from its entries, and compare it with what was signed.

        Where the log holds, every event that is still on record is then compared with its entry.
        checkpoints: texts of signed checkpoints that were kept from earlier. witnesses: who must have signed
        all of these too, each as a verifier key, `<name>+<id>+<key>`.
        Raises UsageError where witnesses are named and no checkpoint is given, and IntegrityError where one
        of them didn't sign.

        Example:
            ws.log.verify([kept_checkpoint]).ok
        """
        from volenti.transparency.checkpoint import verify
        from volenti.transparency.note import SignedNote, Verifier

        known = [Verifier.parse(each) for each in witnesses]
        if known and not checkpoints:
            raise UsageError("A witness signs checkpoints, and none is given.", "Add: --checkpoint FILE")
        log = self._parts.log
        witnessed: list[tuple[Verifier, datetime | None]] = []
        for text in checkpoints if known else ():
            verify(text, log.verifier, *known)
            witnessed += [(each, SignedNote.parse(text).cosigned_at(each)) for each in known]
        if problems := log.verify(*checkpoints):
            return LogReport(0, 0, tuple(witnessed), tuple(problems))
        size = log.size
        opened, problems = self._compared_with_entries(size)
        return LogReport(size, opened, tuple(witnessed), tuple(problems))

    def _compared_with_entries(self, size: int) -> tuple[int, list[Problem]]:
        """How many events are on record, and what is wrong with those that aren't as they were logged."""
        from volenti.transparency.problem import Problem

        events = self._parts.events
        on_record = [number for number in range(size) if events.event(number) is not None]
        message = "The event on record isn't the one that was logged."
        return len(on_record), [
            Problem("edited", f"entry {number}", message) for number in on_record if not events.opens(number)
        ]

    def account(self) -> int:
        """Record that from here on every entry has its row in the register; returns the first such entry.

        Needed once in a workspace that an earlier version made; a new one records it by itself.
        Raises ConflictError where it was done before.

        Example:
            ws.log.account()
        """
        return self._parts.events.account()

    @staticmethod
    def witness(
        place: str, log: str, *, name: str, key: Path | str, state: Path | str, first: bool = False
    ) -> Witnessed:
        """Sign the newest checkpoint of somebody else's log, if the log only added to the last you signed.

        It is for a witness, who needs no workspace. place: where the log is published, an address or a
        folder. log: the log's verifier key, as it is published. name: your name as a witness, such as
        friend.example. key: the file with your key, which is made if it isn't there. state: the file with
        the checkpoint you signed last; it is written anew, and you have to keep it. first: you never signed
        this log, so there is no state yet.
        Raises UsageError where `first` and the state contradict each other, and IntegrityError where the log
        went back or changed what was there: then nothing is signed.

        Example:
            volenti.log.witness("https://studio.example/log", "volenti.log/ab12+1a2b3c4d+AT...",
                                name="friend.example", key="witness.key", state="cosigned.txt", first=True)
        """
        from volenti.core.clock import system_clock
        from volenti.core.files import write_atomically
        from volenti.core.signing import SigningKey
        from volenti.standalone import log_files
        from volenti.transparency.note import Verifier
        from volenti.transparency.witness import cosigner, witness

        key, state = Path(key), Path(state)
        if first and state.exists():
            raise UsageError(f"{state} is there, so this isn't the first time.", "Leave out --first.")
        if not first and not state.exists():
            raise UsageError(
                f"{state} isn't there: without what you signed last, a log that went back can't be told.",
                "Bring it back; or say that you never signed this log: --first",
            )
        if not key.exists():
            SigningKey.new().save(key)
        own = SigningKey.load(key)
        before = None if first else _last_signed(state)
        signed, head = witness(log_files(place), Verifier.parse(log), own, name, system_clock, before)
        write_atomically(state, signed.encode())
        return Witnessed(head, signed, cosigner(name, own))


def _last_signed(state: Path) -> str:
    try:
        return state.read_bytes().decode(errors="replace")
    except OSError as error:
        raise UsageError(f"Can't read {state}: {error.strerror}.", "Check the path.") from error
