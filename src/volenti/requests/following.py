"""Following: a link with which somebody follows a request, also when nothing here knows them any more.

The link's token is a private age key, 256 random bits, of which the register has the hash and the public key.
When an erasure is certified, the person's own copy of the certificate is sealed to that public key: whoever
has the link can open it, and nobody else, this workspace included. The rows name a request and nobody.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.age import AgeKey, AgeReader, AgeRecipient, AgeWriter
from volenti.core.errors import RefusedError
from volenti.core.shown import short_repr
from volenti.users.token import name_of

if TYPE_CHECKING:
    from volenti.requests.onrecord import RequestRecords
    from volenti.requests.request import Request
    from volenti.vault.records import Records

LINK, COPY = "request-link", "request-copy"
#: What the text of every private age key begins with; a token is the rest of it.
_BEGINNING = "AGE-SECRET-KEY-1"


@dataclass(frozen=True, slots=True)
class Followed:
    """A request as whoever has its link sees it.

    `certificate` is the JSON document of an erasure that is over: the person's own copy, with its opening,
    where the link was made before that; else the one that anybody may have.
    """

    request: Request
    certificate: bytes | None = None

    __repr__ = short_repr


class Following:
    """Makes links to requests, and opens what lies behind them."""

    def __init__(self, records: Records, requests: RequestRecords) -> None:
        self._records = records
        self._requests = requests

    def link(self, identifier: str) -> str:
        """Make a link to a request; returns its token. Earlier links stay good."""
        request, key = self._requests.find(identifier), AgeKey.new()
        token = key.text.removeprefix(_BEGINNING).lower()
        self._records.put(LINK, name_of(token), {"to": str(key.public)}, parent=request.id)
        return token

    def followed(self, token: str) -> Followed:
        """What lies behind a link; RefusedError where it isn't one."""
        row = self._records.row(LINK, name_of(token)) if token else None
        if row is None:
            raise RefusedError("This link isn't good.", "Copy it whole, from where you keep it.")
        copy = self._records.get(COPY, row.id)
        return Followed(
            self._requests.find(row.parent), None if copy is None else _opened(token, copy.body["sealed"])
        )

    def seal(self, identifier: str, copy: bytes) -> None:
        """Seal a person's own copy of a certificate for each link to their request. For a transaction."""
        for link in list(self._records.find(LINK, parent=identifier)):
            sealed = io.BytesIO()
            with AgeWriter(sealed, AgeRecipient(link.body["to"])) as file:
                file.write(copy)
            body = {"sealed": base64.b64encode(sealed.getvalue()).decode()}
            self._records.put(COPY, link.id, body, parent=identifier)


def _opened(token: str, sealed: str) -> bytes:
    key = AgeKey.parse(_BEGINNING + token.upper())
    with AgeReader(io.BytesIO(base64.b64decode(sealed)), key) as file:
        return file.read()
