"""What is on record of requests: keeps them, finds them again, and lists them for restores and audits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from volenti.core.errors import KeyDestroyedError, NotFoundError, VolentiError
from volenti.requests.course import UNFINISHED
from volenti.requests.request import Request
from volenti.vault.paging import page_of
from volenti.vault.ports import Query, Register, Row

if TYPE_CHECKING:
    from volenti.core.clock import Clock
    from volenti.vault.records import Record, Records
    from volenti.vault.service import Vault

#: The photograph of somebody who asks whether they are in there.
PHOTO = "inquiry-photo"


class RequestRecords:
    """Keeps requests and finds them again.

    While a request names somebody it is sealed under a key of its own, because an erasure destroys the
    person's key before it is over. The request's key is destroyed once the request names nobody.
    """

    def __init__(self, records: Records, vault: Vault, clock: Clock) -> None:
        self._records = records
        self._vault = vault
        self._clock = clock

    def overdue(self) -> list[Request]:
        """Requests that should have been finished by now."""
        now = self._clock()
        return [each for each in self.unfinished() if each.is_overdue(now)]

    def all(self) -> list[Request]:
        """Every request, oldest first."""
        return _oldest_first(self._records.find("request"))

    def after(self, place: str, count: int) -> list[str]:
        """Identifiers of so many requests, in their order, after one of them."""
        return [row.id for row in page_of(self._records, "request", place, count)]

    def of(self, subject: str) -> list[Request]:
        """A person's requests, oldest first; no other row is opened."""
        return self._of(self._records.alias(subject))

    def unfinished(self) -> list[Request]:
        """Requests that aren't finished, oldest first."""
        found = (each for state in UNFINISHED for each in self._records.find("request", state=state))
        return _oldest_first(found)

    def waiting(self) -> list[Request]:
        """Erasures that wait for a second copy of the person's key to be destroyed, oldest first."""
        return _oldest_first(self._records.find("request", state="waiting"))

    def find(self, identifier: str | None = None) -> Request:
        """The request of an identifier; without one, the latest. NotFoundError where there is none."""
        records = self._records
        row = records.last("request") if identifier is None else records.row("request", identifier)
        if row is None:
            raise NotFoundError(
                "There is no such request.", "Open one: volenti request open --kind erasure --subject ID."
            )
        return _read(self._records.opened(row))

    def keep(self, request: Request) -> None:
        """Put a request on record as it is now, in the place of what was there."""
        owners = () if request.names_nobody else (request.id,)
        # The row says whose request it is, so that nobody has to open all requests to find a person's.
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
        """Put on record what a later copy of the records says of requests; returns how many it changed.

        For a workspace that was restored from an earlier backup. An erasure that was under way begins anew,
        because what it took away is back.
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
            begun = later.kind == "erasure" and not later.is_certified and not later.is_finished
            if later.names_nobody or later.faces is not None or self._vault.has_key(later.subject):
                self.keep(later.anew() if begun else later)
            elif begun and "locate" in later.steps:
                # The person's key is destroyed already: the holders are gone through once more.
                self.keep(later.once_more())
            else:
                continue
            heard += 1
        return heard

    @staticmethod
    def askers(register: Register) -> set[str]:
        """Aliases of the owners whose keys requests in a register are sealed under: each has its own."""
        return {owner for row in register.find(Query("request")) for owner in row.owners}

    def state_of(self, identifier: str) -> str | None:
        """The state of a request, without opening it; None where there is none of that identifier."""
        row = self._records.row("request", identifier)
        return None if row is None else row.state

    def key_owners(self, told: Callable[[str], None]) -> set[str]:
        """Owners that have keys because of requests: requests themselves, and people who were never enrolled.

        told: called with what is wrong with a row that doesn't open.
        """
        found = set()
        for row in self._records.rows("request"):
            if row.owners:
                found |= {row.id, *(request.subject for request in self._opened(row, told))}
        # An inquiry that waits has a key of its own, too.
        return found | {row.id for row in self._records.rows(PHOTO)}

    def canaries(self, told: Callable[[str], None]) -> Iterator[str]:
        """The random texts from the records of everybody whose erasure is over, in base64.

        told: as `key_owners` takes it.
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

    def beside(self, request: Request) -> list[Request]:
        """Other unfinished requests of the same person: nobody can carry them out once that is erased."""
        mine = self._of(self._records.alias(request.subject))
        return [each for each in mine if each.id != request.id and not each.is_finished]

    def forget(self, subject: str, certified: Request) -> None:
        """Replace an erased person's identifier in their requests by what names them no more.

        certified: their erasure, which says that name. It overtakes requests that are under way.
        """
        for each in self._of(self._records.alias(subject)):
            over = each if each.is_finished else each.overtaken(certified.id)
            self.keep(replace(over, subject=certified.subject))

    def destroy_keys(self, request: Request) -> None:
        """Destroy the keys of all requests of the person whom a certified request was about."""
        for each in self._of(request.subject):
            if each.names_nobody:
                # A process that was killed here before may have left a part of a key: that goes as well.
                self._vault.destroy_key(each.id)

    def _keep_as_latest(self, request: Request) -> Request:
        """Put a new request on record, with the number after the latest."""
        with self._records.transaction():
            latest = self._records.last("request")
            numbered = replace(request, number=1 if latest is None else latest.position + 1)
            self.keep(numbered)
        return numbered

    def _of(self, whose: str) -> list[Request]:
        """Requests of one person, by their alias, or by what replaced their identifier after an erasure."""
        return _oldest_first(self._records.find("request", parent=whose))


def _oldest_first(records: Iterable[Record]) -> list[Request]:
    return sorted(map(_read, records), key=lambda request: (request.number, request.opened, request.id))


def _read(record: Record) -> Request:
    return Request.from_json(record.id, record.state, record.body, record.position)
