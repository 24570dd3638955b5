"""Recollection: a workspace that was restored from a backup learns what people said after the backup.

It reads their withdrawals, restrictions and releases from a later copy of those rows, and does again what
followed from them: constituents that learned from what was withdrawn are dropped, and recipients are told.
A constituent that learned from a restricted person isn't served anyway. Where there is no such copy, the
use of everybody's data is restricted until a person has looked and lifts each restriction.
"""

from __future__ import annotations

from dataclasses import dataclass

from volenti.catalogue.ledger import Ledger
from volenti.clearance.quarantine import Quarantine
from volenti.consent.service import Consent
from volenti.core.errors import IntegrityError
from volenti.core.logs import Logger
from volenti.requests.restriction import Restrictions
from volenti.requests.service import Requests
from volenti.requests.withdrawal import Withdrawals
from volenti.vault.blob import BlobRef
from volenti.vault.event_log import EventLog
from volenti.vault.records import Records
from volenti.vault.service import Vault

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Recollected:
    """What was read: how many people said something after the backup, and what followed from it.

    `pictures` were held at the backup and dropped after it; `restricted` are people of whom the later copy
    says nothing.
    """

    subjects: int
    withdrawals: int
    releases: int
    requests: int
    constituents: int
    restricted: int
    pictures: int


class Recollection:
    """Brings a restored workspace up to what people said after the backup."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        ledger: Ledger,
        events: EventLog,
        consent: Consent,
        quarantine: Quarantine,
        requests: Requests,
        withdrawals: Withdrawals,
        restrictions: Restrictions,
    ) -> None:
        self._records = records
        self._vault = vault
        self._ledger = ledger
        self._events = events
        self._consent = consent
        self._quarantine = quarantine
        self._requests = requests
        self._withdrawals = withdrawals
        self._restrictions = restrictions

    def hear(self, said: Records | None) -> Recollected:
        """Read what people said from a later copy, and act on it. Idempotent.

        said: a later copy of the records of consent and requests; None: there is none.
        """
        requests = 0 if said is None else self._requests.hear(said)
        if said is not None:
            # Of erasures that are over: what was drawn by what had learned from the person, and certificates.
            self._ledger.hear(said)
            self._hear_certificates(said)
        dropped_pictures = 0 if said is None else self._quarantine.discard_dropped(said)
        heard = self._consent.hear(said, self._events, self._is_there)
        for subject in heard.unknown:
            self._restrictions.run(self._requests.open("restriction", subject).id)
        dropped = 0
        for subject in heard.subjects:
            dropped += self._withdrawals.repeat(subject)
        _log.info("later withdrawals and releases read", people=len(heard.subjects), requests=requests)
        if heard.unknown:
            _log.warning("people restricted: nothing is known since the backup", people=len(heard.unknown))
        return Recollected(
            len(heard.subjects),
            len(heard.withdrawals),
            heard.releases,
            requests,
            dropped,
            len(heard.unknown),
            dropped_pictures,
        )

    def _hear_certificates(self, said: Records) -> None:
        for row in said.rows("certificate"):
            if self._records.row("certificate", row.id) is None:
                self._records.put("certificate", row.id, said.opened(row).body)

    def _is_there(self, photo: BlobRef) -> bool:
        try:
            self._vault.open(photo)
        except IntegrityError:
            return False
        return True
