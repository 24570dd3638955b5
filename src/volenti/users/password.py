"""Passwords: kept as Argon2id hashes (RFC 9106), in the PHC string format that other programs read too."""

from __future__ import annotations

import os
from functools import cache
from threading import BoundedSemaphore

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from volenti.core.errors import UsageError

LEAST, MOST = 12, 256
#: RFC 9106, section 4, second recommended option: 64 MiB, three passes, four lanes.
_MEMORY_KIB, _PASSES, _LANES = 65_536, 3, 4
#: So many are computed at once at most: whoever sends many passwords shall not fill the memory.
_TURNS = BoundedSemaphore(4)


def check_password(password: str, *unlike: str) -> None:
    """Raise UsageError where a password is too short or too long, or one of the texts it must be unlike."""
    if not LEAST <= len(password) <= MOST:
        raise UsageError(
            f"A password has {LEAST} to {MOST} characters.", "Use a few words that nobody would guess."
        )
    if password.casefold() in {each.casefold() for each in unlike} or len(set(password)) < 4:
        raise UsageError("This password is easily guessed.", "Use a few words that nobody would guess.")


def hash_of(password: str) -> str:
    """The hash to be kept; another one each time, because the salt is random."""
    made = Argon2id(salt=os.urandom(16), length=32, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB)
    with _TURNS:
        return made.derive_phc_encoded(password.encode())


def fits(password: str, kept: str) -> bool:
    """Whether a password is the one whose hash was kept; where none was, it takes as long and is False."""
    kept_or_nobodys = kept or _nobodys()
    try:
        with _TURNS:
            Argon2id.verify_phc_encoded(password.encode(), kept_or_nobodys)
    except InvalidKey:
        return False
    return kept != ""


@cache
def _nobodys() -> str:
    return hash_of(os.urandom(16).hex())
