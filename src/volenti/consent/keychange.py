"""Key changes: which keys on record an amendment replaces, each as a former key that an officer attests."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from volenti.consent.former_key import FormerKey, replaced
from volenti.consent.signature import BOUND_ROLES
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.core.errors import ConflictError
from volenti.core.signing import SigningKey


def keys_replaced(
    before: Subject,
    after: Subject,
    releases: Collection[SignedRelease],
    now: datetime,
    officer: SigningKey | None,
    reason: str,
) -> list[FormerKey]:
    """The keys on record that `after` replaces; what they had signed soundly goes on counting.

    releases: all of the subject's. Raises ConflictError where a key is replaced or taken away without an
    officer who attests it, DocumentError where there is no reason.
    """
    found = []
    for role in BOUND_ROLES:
        old, new = before.key_of(role), after.key_of(role)
        if old is None or old == new:
            continue
        if new is None or officer is None:
            raise ConflictError(
                f"The {role}'s key on record is replaced only on an officer's word.",
                "If it was lost, make sure who they are, and say why: --reason TEXT --officer-key FILE.",
            )
        documents = [
            each.digest
            for each in releases
            if any((one.role, one.public_key) == (role, old) for one in each.sound(before).signatures)
        ]
        found.append(replaced(before.id, role, old, new, documents, at=now, reason=reason, officer=officer))
    return found
