"""What is on record of requests: kept, found again, and looked through by backups and audits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from volenti.core.errors import KeyDestroyedError, NotFoundError, VolentiError
from volenti.requests.request import UNFINISHED, Request
from volenti.vault.ports import Query, Register, Row

if TYPE_CHECKING:
    from volenti.core.clock import Clock
    from volenti.vault.records import Record, Records
    from volenti.vault.service import Vault


class RequestRecords:
    """Keeps requests and finds them again.

    While a request names somebody it is sealed under a key of its own, because theirs is destroyed
    halfway; that key is destroyed once it names nobody.
    """

    def __init__(self, records: Records, vault: Vault, clock: Clock) -> None:
        self._records = records
        self._vault = vault
        self._clock = clock

    def overdue(self) -> list[Request]:
        """Those that should have been over by now."""
        now = self._clock()
        return [each for each in self.unfinished() if each.is_overdue(now)]

    def all(self) -> list[Request]:
        """Every request, oldest first."""
        return _oldest_first(self._records.find("request"))

    def unfinished(self) -> list[Request]:
        """Those that are neither done nor refused, oldest first."""
        found = (each for state in UNFINISHED for each in self._records.find("request", state=state))
        return _oldest_first(found)

    def find(self, identifier: str | None = None) -> Request:
        """By identifier; without one, the latest. NotFoundError where there is none."""
        asked = self._records
        row = asked.last("request") if identifier is None else asked.row("request", identifier)
        if row is None:
            raise NotFoundError(
                "There is no such request.", "Open one: volenti request open --kind erasure --subject ID."
            )
        return _read(self._records.opened(row))

    def keep(self, request: Request) -> None:
        """As it is now, in the place of what was there."""
        owners = () if request.names_nobody else (request.id,)
        # Whose it is can be asked for, so that nobody has to open all there ever were.
        whose = request.subject if request.names_nobody else self._records.alias(request.subject)
        self._records.put(
            "request",
            request.id,
            request.to_json(),
            owners=owners,
            state=request.state,
            parent=whose,
            position=request.number,
        )

    def hear(self, said: Records) -> int:
        """Have on record what a later copy of the records says of requests; returns how many it changed.

        For a workspace that was brought back from before them. An erasure that was under way begins anew:
        what it took away is back.
        """
        heard = 0
        for row in said.rows("request"):
            try:
                later = _read(said.opened(row))
            except KeyDestroyedError:
                continue
            known = self._records.row("request", row.id)
            if known is not None and _read(self._records.opened(known)) == later:
                continue
            begun = later.kind == "erasure" and not later.is_certified and later.state != "refused"
            if later.names_nobody or later.faces is not None or self._vault.has_key(later.subject):
                self.keep(later.anew() if begun else later)
            elif begun and "locate" in later.steps:
                # Their key is gone already: what is left of them is to be looked for once more.
                self.keep(later.once_more())
            else:
                continue
            heard += 1
        return heard

    @staticmethod
    def askers(register: Register) -> set[str]:
        """Aliases of whoever's keys the requests in some register are sealed under: each has its own."""
        return {owner for row in register.find(Query("request")) for owner in row.owners}

    def state_of(self, identifier: str) -> str | None:
        """How far a request has come, known without opening it; None where there is none of that name."""
        row = self._records.row("request", identifier)
        return None if row is None else row.state

    def key_owners(self, told: Callable[[str], None]) -> set[str]:
        """Whose keys there may be because of requests: their own, and those of people never enrolled.

        told: called with what is wrong with a row that doesn't open.
        """
        found = set()
        for row in self._records.rows("request"):
            if row.owners:
                found |= {row.id, *(request.subject for request in self._opened(row, told))}
        return found

    def canaries(self, told: Callable[[str], None]) -> Iterator[str]:
        """Of everybody whose erasure is over, the random text that lay in their record, in base64.

        told: as `key_owners` has it.
        """
        for row in self._records.rows("request"):
            if row.state in ("certified", "done"):
                for request in self._opened(row, told):
                    if request.kind == "erasure" and request.erasure.canary:
                        yield request.erasure.canary

    def _opened(self, row: Row, told: Callable[[str], None]) -> Iterator[Request]:
        try:
            yield _read(self._records.opened(row))
        except VolentiError as error:
            told(f"request {row.id}: {error.message}")

    def forget(self, subject: str, name: str) -> None:
        """Have no request name somebody who was erased; what they still asked for is over."""
        for each in self._of(self._records.alias(subject)):
            over = each if each.is_finished else replace(each, state="done").did("erased")
            self.keep(replace(over, subject=name))

    def let_go(self, request: Request) -> None:
        """Destroy the keys of all requests of whom a certified one was about: none opens any more."""
        for each in self._of(request.subject):
            if each.names_nobody:
                # Also where it was begun: what a kill left of a key doesn't open, and is there.
                self._vault.destroy_key(each.id)

    def _numbered(self, request: Request) -> Request:
        """Kept, as the latest there is."""
        with self._records.transaction():
            latest = self._records.last("request")
            numbered = replace(request, number=1 if latest is None else latest.position + 1)
            self.keep(numbered)
        return numbered

    def _of(self, whose: str) -> list[Request]:
        """Requests of one person, by their alias, or by what stands for them once they were erased."""
        return _oldest_first(self._records.find("request", parent=whose))


def _oldest_first(records: Iterable[Record]) -> list[Request]:
    return sorted(map(_read, records), key=lambda request: (request.number, request.opened, request.id))


def _read(record: Record) -> Request:
    return Request.from_json(record.id, record.state, record.body, record.position)
