"""Recollection: a workspace that was brought back from a backup does what people said since.

Their withdrawals, restrictions and releases are heard from a later copy of those rows, and what followed
from them is done again: constituents that learned without leave go, recipients are told. What learned from
somebody who is restricted isn't served by itself. Where there is no such copy, the use of everybody's data is
restricted until each restriction is lifted by a person who looked.
"""

from __future__ import annotations

from dataclasses import dataclass

from volenti.catalogue.ledger import Ledger
from volenti.clearance.quarantine import Quarantine
from volenti.consent.service import Consent
from volenti.core.errors import IntegrityError
from volenti.requests.restriction import Restrictions
from volenti.requests.service import Requests
from volenti.requests.withdrawal import Withdrawals
from volenti.vault.blob import BlobRef
from volenti.vault.event_log import EventLog
from volenti.vault.records import Records
from volenti.vault.service import Vault


@dataclass(frozen=True, slots=True)
class Recollected:
    """What was heard again: how many people said something since, and what followed from it.

    `pictures` are held ones that were dropped since; `restricted` people of whom nothing is known.
    """

    subjects: int
    withdrawals: int
    releases: int
    requests: int
    constituents: int
    restricted: int
    pictures: int


class Recollection:
    """Brings a restored workspace up to what people said since."""

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
        """said: a later copy of the records of consent and requests; None: there is none. Idempotent."""
        requests = 0 if said is None else self._requests.hear(said)
        if said is not None:
            # Of what is over: certificates, and what the models drew that had known.
            self._ledger.hear(said)
            self._hear_certificates(said)
        dropped_pictures = 0 if said is None else self._quarantine.discard_dropped(said)
        heard = self._consent.hear(said, self._events, self._is_there)
        for subject in heard.unknown:
            self._restrictions.run(self._requests.open("restriction", subject).id)
        dropped = 0
        for subject in heard.subjects:
            dropped += self._withdrawals.repeat(subject)
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
