"""People who were erased: nothing of them but a keyed digest of name and birth date, so that no table brings
them back without a word.

Only this workspace can make the digest, and only from a name and birth date that it is given: whoever has the
register and the secret can ask whether somebody they know of was erased here, and can't read who was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from volenti.consent.names import plain_name, words_of
from volenti.vault.records import Records
from volenti.vault.service import Vault

KIND = "erased-person"


@dataclass(frozen=True, slots=True)
class Erased:
    """That somebody of a name and birth date was erased: on which day, at which request."""

    day: str
    request: str

    def __str__(self) -> str:
        return f"somebody of this name and birth date was erased on {self.day} (request {self.request})"


class ErasedPeople:
    """Keeps and finds the digests of people who were erased."""

    def __init__(self, records: Records, vault: Vault) -> None:
        self._records = records
        self._vault = vault

    def keep(self, name: str, birth_date: date, erased: Erased) -> None:
        """Keep that somebody is erased; the latest erasure counts."""
        body = {"day": erased.day, "request": erased.request}
        self._records.put(KIND, self._digest(words_of(name), birth_date), body)

    def find(self, name: str, birth_date: date) -> Erased | None:
        """The erasure of somebody of this name and birth date; None where there was none.

        Order of words, punctuation, and which script a letter is of make no difference; a letter does.
        """
        # Earlier versions made the digest of the name as it was written.
        for each in (words_of(name), plain_name(name)):
            record = self._records.get(KIND, self._digest(each, birth_date))
            if record is not None:
                return Erased(record.body["day"], record.body["request"])
        return None

    def hear(self, said: Records) -> None:
        """Keep what a later copy of the workspace's rows has of erased people, and this one hasn't."""
        for row in said.rows(KIND):
            if self._records.row(KIND, row.id) is None:
                self._records.put(KIND, row.id, said.opened(row).body)

    def _digest(self, name: str, birth_date: date) -> str:
        return self._vault.person_digest(f"{name}\n{birth_date.isoformat()}")
