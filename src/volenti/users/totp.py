"""Codes of an app: computed from a secret and the time (TOTP, RFC 6238), as all such apps do.

SHA-1, six digits and thirty seconds are what apps take for granted where a QR code says nothing else. HMAC
doesn't depend on what makes SHA-1 weak (RFC 6238 builds on RFC 4226, whose appendix B looks at it).
"""

from __future__ import annotations

import base64
import os
from hmac import compare_digest
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

#: Digits of a code, and for how many seconds it is shown.
DIGITS, STEP = 6, 30
#: A code of the step before or after is taken, too: clocks differ, and typing takes time (RFC 6238, 5.2).
_BESIDE = 1
#: 160 random bits (RFC 4226, section 4, R6).
_BYTES = 20


def new_secret() -> str:
    """A fresh secret, in base32."""
    return base64.b32encode(os.urandom(_BYTES)).decode()


def step_of(code: str, secret: str, seconds: float, after: int) -> int | None:
    """The time step that a code is of; None where it fits none that is good.

    seconds: now, since 1970. after: the step of the last code that was taken; earlier ones and itself aren't
    good any more.
    """
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdecimal()):
        return None
    now = int(seconds) // STEP
    found = None
    for step in range(now - _BESIDE, now + _BESIDE + 1):
        # All are compared, so that the time says nothing of which one fits.
        if compare_digest(typed, code_at(secret, step)) and step > after:
            found = step
    return found


def code_at(secret: str, step: int) -> str:
    """The code of a time step (RFC 6238, section 4)."""
    made = HOTP(base64.b32decode(secret), DIGITS, SHA1())
    return made.generate(step).decode()


def address_of(secret: str, login: str) -> str:
    """What an app's QR code says, with which it computes codes (the otpauth scheme that apps read)."""
    label = quote(f"Volenti:{login}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': 'Volenti'})}"
