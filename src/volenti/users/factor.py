"""Factors: what somebody shows besides their password: a code of an app, a passkey, a recovery code."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from volenti.core.codec import ELSEWHERE, decoded
from volenti.core.shown import short_repr
from volenti.vault.records import Record


class FactorKind(StrEnum):
    """What a factor is."""

    #: An app that computes codes from a secret and the time (RFC 6238).
    APP = "app"
    #: A key that a device or a password manager keeps (Web Authentication, level 3).
    PASSKEY = "passkey"
    #: Codes on paper, each good once.
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a user's.

    `at` is when it was set up, `used` when it was used last, empty where it never was. Of an app: `secret`,
    in base32 (RFC 4648), and `step`, the time step of the last code that was taken, so that no code is good
    twice; while `is_confirmed` is False it is being set up, and lets nobody in. Of a passkey: `credential`,
    its identifier, and `key`, its public key (COSE), both in base64url, and `count`, how often the device
    says it signed. Of recovery codes: `codes`, the SHA-256 of those that are left.
    """

    id: str = field(metadata=ELSEWHERE)
    user: str = field(metadata=ELSEWHERE)
    kind: FactorKind = field(metadata=ELSEWHERE)
    name: str
    at: str
    used: str = ""
    is_confirmed: bool = True
    secret: str = ""
    step: int = 0
    credential: str = ""
    key: str = ""
    count: int = 0
    codes: tuple[str, ...] = ()

    __repr__ = short_repr

    @classmethod
    def read(cls, record: Record) -> Self:
        """The factor of a row."""
        kind = FactorKind(record.state)
        return decoded(cls, record.body, id=record.id, user=record.parent, kind=kind)
