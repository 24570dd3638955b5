"""Draft: what somebody filled in and hasn't signed yet, where their browser runs no script.

It is sealed under the key that the browser has and the register hasn't, so nobody but the browser can open
it, and it is deleted when it was signed or after two days.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from volenti.core.canonical import canonical, parse
from volenti.core.clock import Clock
from volenti.core.codec import encoded
from volenti.core.digest import derive
from volenti.users.token import name_of
from volenti.vault.records import Records
from volenti.vault.seal import seal, unseal

DRAFT = "signing-draft"
#: For how long a draft is kept.
KEPT = timedelta(days=2)
_PURPOSE = "signing-draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """What was filled in: the form's fields by name, and photographs."""

    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    photos: tuple[bytes, ...] = field(default=(), repr=False)


class Drafts:
    """Keeps, finds and drops drafts."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def keep(self, session: str, key: str, draft: Draft) -> None:
        """Keep a draft under the browser's key, in place of an earlier one; drop those that are over."""
        self.drop_old()
        body = canonical({"fields": dict(draft.fields), "photos": encoded(draft.photos)})
        name = name_of(key)
        sealed = seal(derive(key.encode(), _PURPOSE), body, name.encode())
        # The position is when it is over, so that what is over is found without reading it.
        until = int((self._clock() + KEPT).timestamp())
        body_kept = {"sealed": base64.b64encode(sealed).decode()}
        self._records.put(DRAFT, name, body_kept, parent=session, position=until)

    def find(self, session: str, key: str) -> Draft | None:
        """The draft of a session that a browser has the key of; None where there is none."""
        name = name_of(key)
        record = self._records.get(DRAFT, name) if key else None
        if record is None or record.parent != session or record.position <= self._clock().timestamp():
            return None
        sealed = base64.b64decode(record.body["sealed"])
        body = parse(unseal(derive(key.encode(), _PURPOSE), sealed, name.encode()))
        return Draft(body["fields"], tuple(base64.b64decode(each) for each in body["photos"]))

    def drop(self, key: str) -> None:
        """Drop the draft of a key; where there is none, nothing happens."""
        self._records.delete(DRAFT, [name_of(key)])

    def drop_old(self) -> None:
        """Drop what is over."""
        now = int(self._clock().timestamp())
        self._records.delete(DRAFT, list(self._records.identifiers(DRAFT, below=now + 1)))

    def drop_all(self, session: str) -> None:
        """Drop every draft of a session."""
        self._records.delete(DRAFT, [each.id for each in self._records.rows(DRAFT, parent=session)])
