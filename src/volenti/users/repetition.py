"""Repetition: a call that another system repeats, because no answer reached it, is carried out once.

The system names each call by a key of its own (the Idempotency-Key of the IETF's HTTPAPI group). The answer
is kept for a day, in the transaction in which the call is carried out: a server that is killed in between has
done nothing, and one that is killed after that gives the same answer again. What is kept of an answer is a
row of whoever the answer is about: it is sealed under their key and goes with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from volenti.core.canonical import Json
from volenti.core.clock import Clock
from volenti.core.codec import decoded, encoded
from volenti.core.digest import commitment, derive
from volenti.core.errors import UsageError
from volenti.core.shown import short_repr
from volenti.vault.owner import CONTROLLER
from volenti.vault.records import Records

API_ANSWER = "api-answer"
#: For how long an answer is kept.
KEPT = timedelta(hours=24)
#: Rows are counted by the hours since 1970, so that old ones are found without being opened.
_HOUR = 3600


class RepeatedOtherwiseError(UsageError):
    """A call was repeated under its key, and asks for something else."""

    code = "repeated-otherwise"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered with. `owners`: whom it is about; `body`: what it says, as JSON."""

    status: int
    body: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)
    owners: tuple[str, ...] = ()

    __repr__ = short_repr


#: Carries a call out.
Work = Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class _Kept:
    asked: str
    status: int = 0
    body: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Repetition:
    """Carries out calls, each once."""

    def __init__(self, records: Records, clock: Clock, secret: bytes) -> None:
        self._records = records
        self._clock = clock
        self._secret = derive(secret, "api-answer")

    def once(self, caller: str, key: str, asked: bytes, work: Work) -> Answer:
        """The answer to a call: that of the first time where the same caller used the key before.

        All that `work` changes is kept together with its answer, or nothing is. caller: who calls. key: their
        name for the call; empty where it isn't to be repeated. asked: what is asked for, as bytes. Raises
        RepeatedOtherwiseError where something else was asked for under this key, and what `work` raises; then
        nothing is kept.
        """
        with self._records.transaction():
            if not key:
                return work()
            name, asks = self._name(caller, key), self._mark(asked)
            if (known := self._known(name, asks)) is not None:
                return Answer(known.status, known.body, known.headers)
            answer = work()
            self._keep(name, _Kept(asks, answer.status, answer.body, answer.headers), answer.owners)
        return answer

    def once_marked(self, caller: str, key: str, asked: bytes, work: Work) -> Answer:
        """The same for work that changes nothing when it is done again, such as taking in a picture.

        Nothing is kept of the answer, which `work` gives anew, nor is there a transaction around it.
        """
        if key:
            with self._records.transaction():
                name, asks = self._name(caller, key), self._mark(asked)
                if self._known(name, asks) is None:
                    self._keep(name, _Kept(asks), ())
        return work()

    def tidy(self) -> int:
        """Delete answers that are older than a day; returns how many."""
        before = self._hour(self._clock() - KEPT)
        old = list(self._records.identifiers(API_ANSWER, below=before))
        if old:
            self._records.delete(API_ANSWER, old)
        return len(old)

    def _known(self, name: str, asks: str) -> _Kept | None:
        record = self._records.get(API_ANSWER, name)
        if record is None or record.position < self._hour(self._clock() - KEPT):
            return None
        known = decoded(_Kept, record.body)
        if known.asked != asks:
            raise RepeatedOtherwiseError(
                "Something else was asked for under this Idempotency-Key.",
                "Give each call a key of its own, and repeat a call with the same body.",
            )
        return known

    def _keep(self, name: str, kept: _Kept, owners: tuple[str, ...]) -> None:
        self.tidy()
        position = self._hour(self._clock())
        # The row's name is in the clear, so it is a keyed digest: callers may choose keys that say something.
        self._records.put(API_ANSWER, name, encoded(kept), owners=owners or (CONTROLLER,), position=position)

    def _name(self, caller: str, key: str) -> str:
        return "ans_" + commitment(self._secret, f"name\0{caller}\0{key}".encode()).hex()[:40]

    def _mark(self, asked: bytes) -> str:
        return commitment(self._secret, b"asked\0" + asked).hex()

    @staticmethod
    def _hour(moment: datetime) -> int:
        return int(moment.timestamp()) // _HOUR
