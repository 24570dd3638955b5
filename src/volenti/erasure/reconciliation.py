"""What the log says of erasures, compared with the rows that are there (`vault.reconciliation`)."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from volenti.core.digest import sha256
from volenti.core.errors import VolentiError
from volenti.requests.service import Requests
from volenti.vault.event_log import EventLog
from volenti.vault.records import Records


class ErasureReconciliation:
    """Checks that each certified erasure has its request and its certificate, as they were logged."""

    def __init__(self, records: Records, events: EventLog, requests: Requests) -> None:
        self._records = records
        self._events = events
        self._requests = requests

    def problems(self) -> Iterator[str]:
        """Requests and certificates that are missing, and certificates that aren't in the log."""
        logged: dict[str, set[str]] = {}
        for said in self._events.said("erasure-completed"):
            logged.setdefault(said["request"], set()).add(said["statement_sha256"])
        for request, digests in sorted(logged.items()):
            state = self._requests.state_of(request)
            if state is None:
                yield f"{request} was certified, and isn't in the register"
            elif state in ("certified", "done"):
                try:
                    certificate = self._records.get("certificate", request)
                except VolentiError:
                    continue  # a deep audit, which opens every row, reports it
                if certificate is None:
                    yield f"the certificate of {request} is in the log, and not in the register"
                elif sha256(base64.b64decode(certificate.body["payload"])) not in digests:
                    yield f"the certificate of {request} isn't one that the log has"
